import { randomUUID } from 'node:crypto';
import { type InfluxOptions, openInfluxSeries } from '#libs/series/influx.ts';
import type { SeriesWorld } from './world.ts';

export function influx1Options(url: string, more: Partial<InfluxOptions> = {}): InfluxOptions {
  const database = `contract ${randomUUID()}`;
  return { url, api: 'v1', database, org: '', retentionDays: 90, timeoutMs: 20_000, ...more };
}

/** A database of its own, dropped at the end. */
export async function influx1World(url: string): Promise<SeriesWorld> {
  return worldOf(influx1Options(url), dropDatabase);
}

function worldOf(options: InfluxOptions, drop: (options: InfluxOptions) => Promise<void>): SeriesWorld {
  const reader = openInfluxSeries(options);
  return {
    open: () => openInfluxSeries(options),
    read: (asked) => reader.read(asked),
    async [Symbol.asyncDispose]() {
      await reader.close();
      await drop(options);
    },
  };
}

export async function dropDatabase({ url, database }: InfluxOptions): Promise<void> {
  await ask(url, `DROP DATABASE "${database}"`);
}

/** An InfluxQL statement, without the product's code. */
export async function ask(url: string, statement: string): Promise<unknown> {
  const response = await fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({ q: statement }),
  });
  return response.json();
}

/** A bucket of its own, by the token and organisation of the test server. */
export function influx2Options(url: string, more: Partial<InfluxOptions> = {}): InfluxOptions {
  const { DAVYLAMP_TEST_INFLUX2_ORG: org = '', DAVYLAMP_TEST_INFLUX2_TOKEN: token = '' } = process.env;
  return { ...influx1Options(url), api: 'v2', org, token, ...more };
}

export async function influx2World(url: string): Promise<SeriesWorld> {
  return worldOf(influx2Options(url), dropBucket);
}

export async function dropBucket({ url, database, token }: InfluxOptions): Promise<void> {
  const headers = { authorization: `Token ${token}` };
  const named = `${url}/api/v2/buckets?${new URLSearchParams({ name: database }).toString()}`;
  const { buckets } = (await (await fetch(named, { headers })).json()) as { buckets: { id: string }[] };
  await fetch(`${url}/api/v2/buckets/${buckets[0]?.id}`, { method: 'DELETE', headers });
}

/** Lines as they are, without the product's code. */
export async function post2({ url, database, org, token }: InfluxOptions, lines: string): Promise<number> {
  const target = `${url}/api/v2/write?${new URLSearchParams({ org, bucket: database, precision: 'ms' }).toString()}`;
  const headers = { authorization: `Token ${token}` };
  return (await fetch(target, { method: 'POST', body: lines, headers })).status;
}

/** Lines as they are, without the product's code. */
export async function post({ url, database }: InfluxOptions, lines: string): Promise<number> {
  const target = `${url}/write?${new URLSearchParams({ db: database, precision: 'ms' }).toString()}`;
  return (await fetch(target, { method: 'POST', body: lines })).status;
}
