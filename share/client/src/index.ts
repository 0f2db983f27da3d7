import type * as api from '../sluice-client';
import { SluiceClient } from './client';

export { bind } from './declarative';
export { matcher } from './pattern';

export const connect: typeof api.connect = (options = {}) => new SluiceClient(options);
