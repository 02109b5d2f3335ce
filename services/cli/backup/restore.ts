import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openBus } from '#libs/bus/open.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { isKnownSchema, NEWEST_SCHEMA } from '#libs/ledger/migrate.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { holdData } from '#libs/runtime/data-lock.ts';
import { ArchiveError, ConflictError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { makePrivateFolder } from '#libs/runtime/private-file.ts';
import { openSeries } from '#libs/series/open.ts';
import { lockState } from '#services/agent/state-lock.ts';
import type { BackupSettings } from '../config.ts';
import { scratchFolder, unpack } from './archive.ts';
import { busIsUsed, carryBus } from './bus-carry.ts';
import { loadFiles, presentFiles } from './files.ts';
import { ledgerHasRows, loadLedger } from './ledger-rows.ts';
import { archivedBus, type Part, withBus } from './make.ts';
import { type Manifest, readManifest, verifyMembers } from './manifest.ts';
import { loadSeries } from './series-points.ts';

export interface RestoreChoice {
  /** Replaces what is there. */
  readonly force: boolean;
  readonly without: ReadonlySet<Part>;
}

/**
 * Puts an archive's state where the settings say. Nothing is changed before the archive has been read to its end and
 * every target has been looked at.
 * @throws ArchiveError for a damaged archive or one of a newer program; ConflictError where something is there already;
 * ConfigError while anything runs on the data folder, or an agent on its state folder.
 */
export async function restoreBackup(
  file: string,
  settings: BackupSettings,
  choice: RestoreChoice,
  log: Logger,
): Promise<Manifest> {
  await using stack = new AsyncDisposableStack();
  stack.use(holdData(settings.dataDir, 'alone'));
  if (existsSync(settings.stateDir)) stack.use(await lockState(settings.stateDir));
  const folder = await scratchFolder(settings.dataDir, stack);
  await unpack(file, folder);
  const manifest = await readManifest(folder);
  await verifyMembers(folder, manifest);
  if (!isKnownSchema(manifest.schema)) {
    throw new ArchiveError(
      `the archive's ledger has the schema ${manifest.schema} (davylamp ${manifest.version}), and this program knows none after ${NEWEST_SCHEMA}: expected the program that made it, or a newer one`,
    );
  }
  const wanted = (part: Part) => !choice.without.has(part) && hasPart(manifest, part);
  const occupied = await occupiedBy(settings, wanted, log);
  if (wanted('bus') && settings.bus === 'kafka' && occupied.includes(KAFKA)) throw new ConflictError(KAFKA);
  if (occupied.length > 0 && !choice.force) {
    throw new ConflictError(
      `expected empty targets, got ${occupied.join('; ')}: --force replaces what is there`,
    );
  }
  if (wanted('files')) await loadFiles(settings, folder, manifest.members);
  if (wanted('ledger')) await putLedger(settings, folder, manifest);
  if (wanted('series')) await putSeries(settings, folder);
  if (wanted('bus')) await putBus(settings, folder, log);
  return manifest;
}

const KAFKA =
  'topics on Kafka that are not empty: expected another DAVYLAMP_BUS_PREFIX, or --without bus where the brokers have kept theirs';

const FOLDERS: Readonly<Record<Part, readonly string[]>> = {
  bus: ['bus'],
  ledger: ['ledger'],
  series: ['series'],
  files: ['data', 'agent'],
};

function hasPart({ members }: Manifest, part: Part): boolean {
  return members.some(({ path }) => FOLDERS[part].includes(path.split('/')[0] ?? ''));
}

/** What is there already, in words. Points on InfluxDB are no hindrance: the same point again changes nothing. */
async function occupiedBy(
  settings: BackupSettings,
  wanted: (part: Part) => boolean,
  log: Logger,
): Promise<string[]> {
  const { dataDir } = settings;
  const present: string[] = [];
  if (wanted('files')) present.push(...(await presentFiles(settings)).slice(0, 3));
  if (wanted('ledger') && (await hasLedger(settings)))
    present.push(`a ledger with rows (${settings.ledger})`);
  const embedded = [
    ...(wanted('series') && settings.series === 'embedded' ? ['series.db'] : []),
    ...(wanted('bus') && settings.bus === 'embedded' ? ['bus.db'] : []),
  ];
  present.push(...embedded.map((name) => join(dataDir, name)).filter((path) => existsSync(path)));
  if (wanted('bus') && settings.bus === 'kafka' && (await hasMessages(settings, log))) present.push(KAFKA);
  return present;
}

async function hasLedger(settings: BackupSettings): Promise<boolean> {
  if (settings.ledger === 'embedded' && !existsSync(join(settings.dataDir, 'ledger.db'))) return false;
  const ledger = openLedger(settings);
  try {
    return await ledgerHasRows(ledger.database);
  } finally {
    await ledger.close();
  }
}

async function hasMessages(settings: BackupSettings, log: Logger): Promise<boolean> {
  return await withBus(await openBus(settings, log), busIsUsed);
}

async function putLedger(settings: BackupSettings, folder: string, manifest: Manifest): Promise<void> {
  const ledger = openLedger(settings);
  try {
    await loadLedger(ledger.database, folder, manifest.schema, manifest.members);
  } finally {
    await ledger.close();
  }
}

async function putSeries(settings: BackupSettings, folder: string): Promise<void> {
  if (settings.series === 'embedded') await removeDatabase(join(settings.dataDir, 'series.db'));
  const series = openSeries(settings);
  try {
    await loadSeries(series, folder);
  } finally {
    await series.close();
  }
}

async function putBus(settings: BackupSettings, folder: string, log: Logger): Promise<void> {
  const archived = archivedBus(folder);
  if (settings.bus === 'embedded') {
    const live = join(settings.dataDir, 'bus.db');
    await removeDatabase(live);
    makePrivateFolder(settings.dataDir);
    await copyFile(archived, live);
    return;
  }
  const from = createSqliteBus({ path: archived, partitions: settings.busPartitions });
  await withBus(from, async () => withBus(await openBus(settings, log), (kafka) => carryBus(from, kafka)));
}

async function removeDatabase(path: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true });
}
