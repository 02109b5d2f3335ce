import { LedgerUnavailableError } from '#libs/runtime/errors.ts';
import type { LedgerDatabase } from './schema.ts';

const TRIES = 5;
/** Two transactions got in each other's way: serialisation failure, deadlock, the same row inserted at once. */
const COLLISIONS = new Set(['40001', '40P01', '23505']);

/**
 * Runs `work` in one transaction: all of it is durable when this resolves, nothing of it when it rejects.
 * After a collision with another transaction it runs again, on what that one has left.
 */
export async function transact<T>(
  db: LedgerDatabase,
  work: (transaction: LedgerDatabase) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === TRIES || !COLLISIONS.has(stateOf(error))) throw error;
    }
  }
}

/** The database's own word for what went wrong, e.g. `40001`; `undefined` as text where it gave none. */
export function stateOf(error: unknown): string {
  const cause = error instanceof LedgerUnavailableError ? error.cause : error;
  return String((cause as { code?: unknown } | undefined)?.code);
}
