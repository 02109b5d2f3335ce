import { createHash } from 'node:crypto';

/** An identity that is the same on every replay: letters, digits and `-`, 38 to 40 characters. */
export function idOf(what: 'alert' | 'notice' | 'silence', ...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${what}-${digest.slice(0, 32)}`;
}
