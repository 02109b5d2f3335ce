import { NotFoundError } from '#libs/runtime/errors.ts';

/** The place after a row, as text that a caller hands back. @param first what the rows are ordered by, a whole number ≥ 0. */
export function cursorOf(first: number, id: string): string {
  return `${first}.${id}`;
}

/** @throws NotFoundError for a text that no page has given. */
export function afterCursor(cursor: string): readonly [first: number, id: string] {
  const match = /^(\d{1,16})\.(.+)$/.exec(cursor);
  if (!match)
    throw new NotFoundError(`after: expected the next of a former page, got ${cursor.slice(0, 40)}`);
  return [Number(match[1]), match[2] ?? ''];
}
