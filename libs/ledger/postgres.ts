import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { LedgerRefusedError, LedgerUnavailableError } from '#libs/runtime/errors.ts';

const CONNECT_MS = 5_000;
const QUERY_MS = 20_000;
const CONNECTIONS = 8;
/** PostgreSQL's type of `bigint` and of `count(*)`: it sends them as text, because they may exceed a double. */
const INT8 = 20;

/**
 * Classes and codes of SQLSTATE after which the same call may succeed later: connection lost, no resources,
 * shutting down or starting, serialisation failure, deadlock.
 */
const PASSING = /^(08|53|57P0|40001|40P01)/;
/** Data beyond a type, such as a NUL in a text, and limits of the program, such as the length of a key. */
const UNHOLDABLE = /^(22|54)/;
/** The connection is sound; two transactions got in each other's way. */
const COLLISION = /^40/;

/**
 * @param url `postgres://user:password@host:port/database`
 * @param queryMs a statement that takes longer is given up, and its connection with it.
 */
export function postgresDialect(url: string, queryMs = QUERY_MS): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    application_name: 'davylamp',
    types: { getTypeParser },
  });
  const dialect = new PostgresDialect({ pool: translating(pool) });
  // A connection that breaks between two statements tells nobody but these; who uses it next gets the error.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return dialect;
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** The pool, with the driver's many ways to say "not now" turned into one. */
function translating(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    connect: () => pool.connect().then(translatingClient, unavailable),
    end: () => pool.end(),
  };
}

/** A connection that has failed us once is not used again: an answer may still be under way on it. */
function translatingClient(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (sql: unknown, parameters?: unknown): Promise<unknown> => {
    if (broken) unavailable(broken);
    try {
      return await client.query(sql as string, parameters as unknown[]);
    } catch (error) {
      const state = stateOf(error);
      if (state !== null && !PASSING.test(state)) throw lasting(error as Error, state);
      if (state === null || !COLLISION.test(state)) broken = error as Error;
      unavailable(error as Error);
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy || broken !== undefined),
  };
}

/** The server's own word for what went wrong; null when it said nothing: a connection that broke or stalled. */
const stateOf = (error: unknown): string | null =>
  error instanceof pg.DatabaseError ? (error.code ?? '') : null;

function unavailable(cause: Error): never {
  const reason = cause.message || cause.name;
  throw new LedgerUnavailableError(`PostgreSQL: ${reason}; expected a server that answers at postgresUrl`, {
    cause,
  });
}

/** What the same call would meet again: our own mistake, or content that the server cannot hold. */
function lasting(cause: Error, state: string): Error {
  if (!UNHOLDABLE.test(state)) return cause;
  return new LedgerRefusedError(`PostgreSQL: ${cause.message}; expected what its types can hold`, { cause });
}
