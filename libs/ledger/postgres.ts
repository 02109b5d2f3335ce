import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { LedgerUnavailableError } from '#libs/runtime/errors.ts';

const CONNECT_MS = 5_000;
const QUERY_MS = 60_000;
const CONNECTIONS = 8;
/** PostgreSQL's type of `bigint` and of `count(*)`: it sends them as text, because they may exceed a double. */
const INT8 = 20;

/**
 * Classes and codes of SQLSTATE after which the same call may succeed later: connection lost, no resources,
 * shutting down or starting, serialisation failure, deadlock.
 */
const PASSING = /^(08|53|57P0|40001|40P01)/;

/** @param url `postgres://user:password@host:port/database` */
export function postgresDialect(url: string): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
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

function translatingClient(client: pg.PoolClient): PostgresPoolClient {
  const query = (sql: unknown, parameters?: unknown): unknown =>
    client.query(sql as string, parameters as unknown[]).catch(translate);
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy),
  };
}

function translate(error: Error & { code?: unknown }): never {
  // A server that refuses names an SQLSTATE of five characters; a connection that breaks does not.
  const state = typeof error.code === 'string' && error.code.length === 5 ? error.code : null;
  if (state === null || PASSING.test(state)) unavailable(error);
  throw error;
}

function unavailable(cause: Error): never {
  const reason = cause.message || cause.name;
  throw new LedgerUnavailableError(`PostgreSQL: ${reason}; expected a server that answers at postgresUrl`, {
    cause,
  });
}
