const special = /\{\{|\}\}|\{\w+(\*\*)?\}|[.*+?^${}()|[\]\\]/g;

/** Patterns as the server has them (core/base/Pattern.h). */
export function matcher(pattern: string): (channel: string) => boolean {
  if (pattern === '*') return () => true;
  const source = pattern.replace(special, (found, rest) =>
    /^\{\w/.test(found) ? (rest ? '.+' : '[^/]+') : '\\' + found[0]);
  const whole = new RegExp(`^${source}$`, 's');
  return (channel) => whole.test(channel);
}
