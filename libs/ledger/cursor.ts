import { NotFoundError } from '#libs/runtime/errors.ts';

/** The place after a row, as text that a caller hands back. */
export function cursorOf(timeMs: number, id: string): string {
  return `${timeMs}.${id}`;
}

/** @throws NotFoundError for a text that no page has given. */
export function afterCursor(cursor: string): readonly [timeMs: number, id: string] {
  const match = /^(\d{1,16})\.(.+)$/.exec(cursor);
  if (!match)
    throw new NotFoundError(`after: expected the next of a former page, got ${cursor.slice(0, 40)}`);
  return [Number(match[1]), match[2] ?? ''];
}
