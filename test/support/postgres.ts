import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface FreshDatabase {
  readonly name: string;
  readonly url: string;
  /** Ends its connections too. */
  drop(): Promise<void>;
}

/** An empty database of its own on the server at this address. */
export async function freshDatabase(serverUrl: string): Promise<FreshDatabase> {
  const name = `davylamp_${randomBytes(6).toString('hex')}`;
  await onPostgres(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return {
    name,
    url: url.href,
    drop: () => onPostgres(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

/** One statement, on a connection of its own. */
export async function onPostgres(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
