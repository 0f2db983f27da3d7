/** As a classic script: the global `Sluice`, and the page's elements are bound once they are there. */
import { bind } from './declarative';

export * from './index';

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => bind());
else bind();
