/** The longest wait between two attempts. */
export const MAX_BACKOFF_MS = 600_000;

/** Wait in ms after the `failures`th failure (1, 2 …): doubles with each, capped. */
export function backoffAfter(failures: number, firstMs: number): number {
  return Math.min(MAX_BACKOFF_MS, firstMs * 2 ** (failures - 1));
}
