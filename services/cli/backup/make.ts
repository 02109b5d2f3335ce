import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { LedgerDatabase } from '#libs/ledger/schema.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { openSeries } from '#libs/series/open.ts';
import type { BackupSettings } from '../config.ts';
import { folderOf, pack, scratchFolder } from './archive.ts';
import { carryBus } from './bus-carry.ts';
import { copyDatabase, dumpFiles } from './files.ts';
import { dumpLedger } from './ledger-rows.ts';
import { type Manifest, type Member, memberOf, writeManifest } from './manifest.ts';
import { dumpSeries } from './series-points.ts';

const BUS_PATH = 'bus/bus.db';
export type Part = 'bus' | 'ledger' | 'series' | 'files';

const MISSING = {
  kafka: 'Messages on Kafka that every group has read: they stay on the brokers.',
  bullmq: 'Jobs on Redis: the alerter makes them again from the ledger.',
  bus: 'The bus: left out as asked.',
  ledger: 'The ledger: left out as asked.',
  series: 'Points: left out as asked.',
  files: 'Keys, certificates and spools: left out as asked.',
} as const;

/**
 * Copies all state into one archive while services go on. The order makes the parts fit: what the agent holds, then
 * the bus with its offsets, then the ledger, then the points. Whatever a later part has and an earlier one lacks is
 * done again after a restore, under the same keys.
 */
export async function makeBackup(
  file: string,
  settings: BackupSettings,
  without: ReadonlySet<Part>,
  facts: { readonly version: string; readonly nowMs: number },
  log: Logger,
): Promise<Omit<Manifest, 'format'>> {
  await using stack = new AsyncDisposableStack();
  await mkdir(folderOf(file), { recursive: true });
  const folder = await scratchFolder(folderOf(file), stack);
  const ledger = stack.adopt(openLedger(settings), (it) => it.close()).database;
  const files = without.has('files') ? [] : await dumpFiles(settings, folder);
  const bus = without.has('bus') ? [] : await dumpBus(settings, folder, log);
  const rows = await dumpLedger(ledger, settings.ledger, folder);
  const points = without.has('series') ? [] : [await dumpPoints(ledger, settings, folder, facts.nowMs)];
  const members = [...rows.members, ...points, ...bus, ...files];
  const manifest = {
    version: facts.version,
    createdMs: facts.nowMs,
    column: { bus: settings.bus, series: settings.series, ledger: settings.ledger },
    schema: rows.schema,
    missing: missingOf(settings, without),
    members,
  };
  await writeManifest(folder, manifest);
  await pack(
    folder,
    members.map(({ path }) => path),
    file,
  );
  return manifest;
}

function missingOf(settings: BackupSettings, without: ReadonlySet<Part>): string[] {
  return [
    ...(settings.bus === 'kafka' && !without.has('bus') ? [MISSING.kafka] : []),
    ...(settings.jobs === 'bullmq' ? [MISSING.bullmq] : []),
    ...[...without].map((part) => MISSING[part]),
  ];
}

async function dumpPoints(
  ledger: LedgerDatabase,
  settings: BackupSettings,
  folder: string,
  nowMs: number,
): Promise<Member> {
  const { rows } = await sql<{
    node: string;
  }>`select node from node union select node from chain order by 1`.execute(ledger);
  const series = openSeries(settings);
  try {
    const nodes = rows.map(({ node }) => node);
    return await dumpSeries(series, { nodes, retentionDays: settings.seriesRetentionDays, nowMs }, folder);
  } finally {
    await series.close();
  }
}

/** The log file as it is; of Kafka, what is still needed, as such a file. */
async function dumpBus(settings: BackupSettings, folder: string, log: Logger): Promise<readonly Member[]> {
  const path = join(folder, BUS_PATH);
  await mkdir(join(folder, 'bus'));
  if (settings.bus === 'kafka') {
    const carried = await withBus(await openBus(settings, log), async (kafka) => {
      const partitions = (await kafka.offsets(TOPICS.frames.name)).length;
      const copy = createSqliteBus({ path, partitions });
      return await withBus(copy, () => carryBus(kafka, copy));
    });
    return [await memberOf(folder, BUS_PATH, carried)];
  }
  const live = join(settings.dataDir, 'bus.db');
  if (!existsSync(live)) return [];
  await copyDatabase(live, path);
  return [await memberOf(folder, BUS_PATH, null)];
}

export async function withBus<T>(bus: Bus, act: (bus: Bus) => Promise<T>): Promise<T> {
  try {
    return await act(bus);
  } finally {
    await bus.close();
  }
}

export const archivedBus = (folder: string): string => join(folder, BUS_PATH);
