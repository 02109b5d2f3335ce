const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * The hour, since 1970, that an instant belongs to for this node. Hours begin at another minute for each node, so that
 * what a large fleet does once an hour does not come all at once. The detector and the writer count the same hours.
 */
export function nodeHour(node: string, timeMs: number): number {
  return Math.floor((timeMs + minuteOf(node) * MINUTE_MS) / HOUR_MS);
}

/** When such an hour begins. */
export function nodeHourStartMs(node: string, hour: number): number {
  return hour * HOUR_MS - minuteOf(node) * MINUTE_MS;
}

/** 0 to 59, spread over names by FNV-1a. */
function minuteOf(node: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < node.length; i++) hash = Math.imul(hash ^ node.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 60;
}
