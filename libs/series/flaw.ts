import type { Point } from './port.ts';

// Line protocol has no escape for a line break, and a backslash at the end of a tag escapes what follows the tag.
const UNSAFE_TAG = /\p{Cc}|\\$/u;
// An InfluxDB time is an int64 of nanoseconds: years 1678 to 2262.
const MAX_TIME_MS = 9_223_372_036_854;

/**
 * Why no store may take this point, or null. Both adapters ask, so that they refuse alike.
 * O(number of values).
 */
export function flawOf(point: Point): string | null {
  if (!isSafeTag(point.node)) return `node ${JSON.stringify(point.node)}: ${SAFE_TAG}`;
  if (!isSafeTag(point.entity)) return `entity ${JSON.stringify(point.entity)}: ${SAFE_TAG}`;
  if (!Number.isSafeInteger(point.timeMs) || Math.abs(point.timeMs) > MAX_TIME_MS) {
    return `time ${point.timeMs}: expected whole milliseconds between the years 1678 and 2262`;
  }
  if (point.values.length !== point.fields.length) {
    return `${point.values.length} values: expected one for each of ${point.fields.length} fields`;
  }
  return infiniteField(point);
}

const SAFE_TAG = 'expected text without control characters and not ending in a backslash';

/** Whether a point may have this text for its node or entity. */
export function isSafeTag(text: string): boolean {
  return text !== '' && !UNSAFE_TAG.test(text);
}

function infiniteField({ fields, values }: Point): string | null {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === Infinity || value === -Infinity) return `${fields[i]} ${value}: expected a finite number`;
  }
  return null;
}
