import type { Scope } from './port.ts';

/**
 * The same instants with no instant twice: empty scopes go, overlapping and touching ones of a node become one.
 * Sorted by node, then by time. O(n log n).
 */
export function mergeScopes(scopes: readonly Scope[]): readonly Scope[] {
  const sorted = scopes.filter(({ fromMs, toMs }) => fromMs < toMs).toSorted(byNodeThenTime);
  const merged: Scope[] = [];
  for (const scope of sorted) {
    const last = merged.at(-1);
    if (last?.node === scope.node && scope.fromMs <= last.toMs) {
      merged[merged.length - 1] = { ...last, toMs: Math.max(last.toMs, scope.toMs) };
    } else {
      merged.push(scope);
    }
  }
  return merged;
}

function byNodeThenTime(a: Scope, b: Scope): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.fromMs - b.fromMs;
}
