import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { busSettings, openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { ledgerSettings, openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { openSeries, seriesSettings } from '#libs/series/open.ts';
import type { Series } from '#libs/series/port.ts';
import { freshDatabase } from './postgres.ts';
import type { Environment } from './process.ts';

/** A place of its own for one run of the pipeline: the environment of its services, and our view into its ports. */
export interface World extends AsyncDisposable {
  readonly env: Environment;
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly series: Series;
}

const silent = createLogger('test', 'silent');
const portsConfig = z.object({ ...busSettings, ...seriesSettings, ...ledgerSettings });

/** The embedded column, in a directory of its own. */
export async function embeddedWorld(extra: Environment = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-'));
  return await openWorld({ DAVYLAMP_DATA_DIR: dataDir, ...agentState(dataDir), ...extra }, () =>
    rm(dataDir, { recursive: true }),
  );
}

/** The servers that the environment names. */
export interface Servers {
  readonly kafka: string;
  readonly influx: string;
  readonly postgres: string;
  readonly redis: string;
}

/** Null, with the reason in `missing`, where a server is not there. */
export function testServers(): Servers | null {
  const { DAVYLAMP_TEST_KAFKA: kafka, DAVYLAMP_TEST_INFLUX1: influx } = process.env;
  const { DAVYLAMP_TEST_POSTGRES: postgres, DAVYLAMP_TEST_REDIS: redis } = process.env;
  return kafka && influx && postgres && redis ? { kafka, influx, postgres, redis } : null;
}

/** The distributed column on real servers, under names of its own: topic prefix, databases, keys. */
export async function distributedWorld(servers: Servers, extra: Environment = {}): Promise<World> {
  const name = `t${randomBytes(5).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-'));
  const database = await freshDatabase(servers.postgres);
  const env = {
    DAVYLAMP_DATA_DIR: dataDir,
    ...agentState(dataDir),
    DAVYLAMP_BUS: 'kafka',
    DAVYLAMP_KAFKA_BROKERS: servers.kafka,
    DAVYLAMP_BUS_PREFIX: `${name}.`,
    DAVYLAMP_BUS_PARTITIONS: '2',
    DAVYLAMP_SERIES: 'influx',
    DAVYLAMP_INFLUX_URL: servers.influx,
    DAVYLAMP_INFLUX_DATABASE: name,
    DAVYLAMP_LEDGER: 'postgres',
    DAVYLAMP_POSTGRES_URL: database.url,
    DAVYLAMP_JOBS: 'bullmq',
    DAVYLAMP_REDIS_URL: servers.redis,
    DAVYLAMP_REDIS_PREFIX: name,
    ...extra,
  };
  return await openWorld(env, async () => {
    await database.drop();
    await fetch(`${servers.influx}/query?q=${encodeURIComponent(`DROP DATABASE "${name}"`)}`, {
      method: 'POST',
    });
    await rm(dataDir, { recursive: true });
  });
}

function agentState(dataDir: string): Environment {
  return { DAVYLAMP_STATE_DIR: join(dataDir, 'agent') };
}

async function openWorld(env: Environment, remove: () => Promise<void>): Promise<World> {
  const settings = loadConfig(portsConfig, { env });
  const stack = new AsyncDisposableStack();
  stack.defer(remove);
  const bus = stack.adopt(await openBus(settings, silent), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  const series = stack.adopt(openSeries(settings), (it) => it.close());
  await ledger.migrate();
  await series.prepare();
  return { env, bus, ledger, series, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
