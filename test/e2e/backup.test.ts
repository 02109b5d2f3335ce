import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { create, extract } from 'tar';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Frame } from '#libs/model/frame.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Manifest } from '#services/cli/backup/manifest.ts';
import { ASSESSMENT_FIELDS } from '#services/writer/assessment-points.ts';
import { drained, EVERYBODY, WRITER } from '#test/support/drained.ts';
import { eventually } from '#test/support/eventually.ts';
import { type FeedPlan, feed, nodeName } from '#test/support/feed.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { declareHall } from '#test/support/hall.ts';
import { framesOnBus, type PointTable, storedPoints } from '#test/support/points.ts';
import { type Environment, ServiceProcess } from '#test/support/process.ts';
import { distributedWorld, embeddedWorld, testServers, type World } from '#test/support/world.ts';

/**
 * A fleet is fed to one pipeline; half-way, while it works, everything is backed up and restored elsewhere, and the rest
 * of the feed goes there. What comes out must be what a pipeline that nobody moved makes of the same feed.
 */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const PLAN: FeedPlan = { nodes: 6, minutes: 30, busyNodes: 2, stepMs: 25 };
const SETTINGS: Environment = {
  DAVYLAMP_RESOLUTION: 'full',
  DAVYLAMP_TICKER: 'off',
  DAVYLAMP_CHECKPOINT_MS: '500',
  DAVYLAMP_SWEEP_MS: '1000',
  DAVYLAMP_LOG_LEVEL: 'warn',
  DAVYLAMP_CONSOLE_PORT: '0',
  DAVYLAMP_BUS_PARTITIONS: '2',
  // The fed event time is fixed and lies in the past.
  DAVYLAMP_SERIES_RETENTION_DAYS: String(Math.ceil((Date.now() - Date.UTC(2026, 0, 1)) / 86_400_000) + 30),
};
const PERSON = { name: 'a.name', role: 'operator', tenant: null, disabled: false, createdMs: 1 } as const;
const JOIN = {
  ...{ node: 'joined', site: 'hall', tenant: null, publicKey: 'aa', credentialHash: 'bb' },
  ...{ grant: 'a grant', isNamed: true, atMs: 1 },
};
const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

interface Outcome {
  readonly points: PointTable;
  readonly verdicts: readonly unknown[];
  readonly findings: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly loss: readonly unknown[];
}

type Column = 'embedded' | 'distributed';
const servers = testServers();
const stack = new AsyncDisposableStack();
let scratch = '';
let frames: readonly Frame[] = [];
let reference: Outcome;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'davylamp-backup-'));
  stack.defer(() => rm(scratch, { recursive: true, force: true }));
  const world = await openWorld('embedded', stack);
  await prepare(world);
  const services = start(world, 'embedded', stack);
  await feed(world.bus, PLAN, () => undefined);
  await drained(world, EVERYBODY);
  frames = await framesOnBus(world.bus);
  reference = await outcomeOf(world);
  for (const service of services) await service.stop();
  expect(frames).toHaveLength(PLAN.nodes * PLAN.minutes * 6);
  expect(reference.alerts.length, 'a feed that raises no alert proves nothing').toBeGreaterThan(0);
});

afterAll(() => stack.disposeAsync());

const moves: readonly (readonly [from: Column, to: Column])[] = [
  ['embedded', 'embedded'],
  ['embedded', 'distributed'],
  ['distributed', 'distributed'],
  ['distributed', 'embedded'],
];

describe.each(moves)('from the %s column to the %s one', (from, to) => {
  test('a running pipeline is backed up and goes on elsewhere, nothing lost or doubled', async ({ skip }) => {
    if (servers === null && (from === 'distributed' || to === 'distributed'))
      skip('DAVYLAMP_TEST_KAFKA, _INFLUX1, _POSTGRES and _REDIS are not set: run `npm run servers -- up`');
    await using own = new AsyncDisposableStack();
    let world = await openWorld(from, own);
    await prepare(world);
    let services = start(world, from, own);
    let isMoved = false;
    const bus: Pick<World['bus'], 'publish' | 'offsets'> = {
      publish: (messages) => world.bus.publish(messages),
      offsets: (topic) => world.bus.offsets(topic),
    };
    await feed(bus, PLAN, async (share) => {
      if (share < 0.5 || isMoved) return;
      isMoved = true;
      const file = join(scratch, `${from}-${to}.tar.gz`);
      const made = await davylamp(world.env, 'backup', file);
      for (const service of services) await service.kill();
      world = await restoredWorld(to, file, made, own);
      services = start(world, to, own);
    });
    await drained(world, EVERYBODY);
    expect(await outcomeOf(world)).toEqual(reference);
    expect(await world.ledger.people.find(PERSON.name)).toEqual({ person: PERSON, passwordHash: 'a hash' });
    expect(await world.ledger.nodes.join(JOIN)).toBe('spent');
    for (const service of services) await service.stop();
  });
});

test.each([
  ['cut off', truncated, /expected a whole .tar.gz/],
  [
    'changed',
    (file: string) => repacked(file, 'ledger/person.jsonl', (text) => text.replace('a hash', 'another')),
    /the archive is damaged: ledger\/person.jsonl has SHA-256 \w+, expected/,
  ],
  [
    'of a newer schema',
    (file: string) =>
      repacked(file, 'manifest.json', (text) => text.replace(/"schema": ".*?"/, '"schema": "9999-later"')),
    /the schema 9999-later .*this program knows none after/,
  ],
  [
    'of a newer format',
    (file: string) => repacked(file, 'manifest.json', (text) => text.replace('"format": 1', '"format": 2')),
    /the archive has format 2, and this program knows 1/,
  ],
])('an archive that is %s is refused, and nothing is changed', async (_, damage, refusal) => {
  await using own = new AsyncDisposableStack();
  const world = await openWorld('embedded', own);
  await prepare(world);
  const file = join(await mkdtemp(join(scratch, 'damaged-')), 'it.tar.gz');
  await davylamp(world.env, 'backup', file);
  await damage(file);
  const target = await mkdtemp(join(scratch, 'untouched-'));
  await expect(davylamp({ ...SETTINGS, DAVYLAMP_DATA_DIR: target }, 'restore', file)).rejects.toThrow(
    refusal,
  );
  // The lock that restoring took stays, and holds nothing.
  expect(await readdir(target)).toEqual(['davylamp.lock']);
});

test('keys, certificate and the agent of this machine are restored, and its frames go on without a loss', async () => {
  await using own = new AsyncDisposableStack();
  const [gatewayPort] = await freePorts(1);
  const agent = {
    DAVYLAMP_TICKER: 'on',
    DAVYLAMP_INTERVAL_MS: '500',
    DAVYLAMP_SAMPLE_MS: '100',
    DAVYLAMP_GATEWAY_PORT: String(gatewayPort),
  };
  let world = await openWorld('embedded', own, agent);
  const up = () => own.use(new ServiceProcess('cli', world.env, ['up']).start());
  let pipeline = up();
  const balance = () => world.ledger.custody.balance();
  const stored = (boots: number) =>
    eventually(
      'frames',
      balance,
      (rows) => rows.length === boots && rows.every((row) => row.stored > 8),
      40_000,
    );
  await stored(1);
  const file = join(scratch, 'machine.tar.gz');
  await davylamp(world.env, 'backup', file);
  const before = world.env;
  await pipeline.kill();
  const folder = await mkdtemp(join(scratch, 'machine-'));
  const place = { DAVYLAMP_DATA_DIR: folder, DAVYLAMP_STATE_DIR: join(folder, 'agent') };
  await davylamp({ ...before, ...place }, 'restore', file);
  for (const name of ['agent/node-key.pem', 'agent/node', 'gateway/key.pem', 'gateway/cert.pem']) {
    const was = await readFile(join(before.DAVYLAMP_DATA_DIR ?? '', name));
    expect(await readFile(join(folder, name)), name).toEqual(was);
    expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
  }
  world = await openWorld('embedded', own, { ...agent, ...place });
  pipeline = up();
  await stored(2);
  await pipeline.stop();
  pipeline = own.use(new ServiceProcess('cli', world.env, ['up', '--no-agent', '--no-gateway']).start());
  await drained(world, WRITER);
  await pipeline.stop();
  expect((await balance()).map(({ sent, stored: kept }) => sent - kept)).toEqual([0, 0]);
  expect(await world.ledger.nodes.list()).toHaveLength(1);
});

test('a target that is not empty is refused without --force', async () => {
  await using own = new AsyncDisposableStack();
  const world = await openWorld('embedded', own);
  await world.ledger.people.add(PERSON, 'a hash');
  const file = join(scratch, 'other.tar.gz');
  await davylamp(world.env, 'backup', file);
  await expect(davylamp(world.env, 'restore', file)).rejects.toThrow(/a ledger with rows.*--force/s);
});

async function openWorld(column: Column, own: AsyncDisposableStack, extra: Environment = {}): Promise<World> {
  const settings = { ...SETTINGS, ...extra };
  if (column === 'embedded') return own.use(await embeddedWorld(settings));
  if (servers === null) throw new Error('there are no servers');
  return own.use(await distributedWorld(servers, settings));
}

async function prepare({ bus, ledger }: World): Promise<void> {
  await bus.ensure(Object.values(TOPICS));
  await ledger.people.add(PERSON, 'a hash');
  await ledger.nodes.join(JOIN);
  await declareHall({ ledger }, PLAN);
}

function start(world: World, column: Column, own: AsyncDisposableStack): readonly ServiceProcess[] {
  const one = (name: string, ...args: string[]) => own.use(new ServiceProcess(name, world.env, args).start());
  if (column === 'embedded') return [one('cli', 'up', '--no-agent', '--no-gateway')];
  return ['writer', 'detector', 'alerter'].map((name) => one(name));
}

/** Restores, and checks that another backup of what came of it has the same rows. */
async function restoredWorld(
  column: Column,
  file: string,
  made: Manifest,
  own: AsyncDisposableStack,
): Promise<World> {
  const folder = await mkdtemp(join(scratch, 'to-'));
  const env = { ...SETTINGS, DAVYLAMP_DATA_DIR: folder, DAVYLAMP_STATE_DIR: join(folder, 'agent') };
  if (column === 'embedded') await davylamp(env, 'restore', file);
  const world = await openWorld(column, own, {
    DAVYLAMP_DATA_DIR: folder,
    DAVYLAMP_STATE_DIR: join(folder, 'agent'),
  });
  if (column === 'distributed') await davylamp(world.env, 'restore', file);
  const again = await davylamp(world.env, 'backup', `${file}.again.tar.gz`);
  expect(rowsOf(again)).toEqual(rowsOf(made));
  return world;
}

/** Rows by content. Points by number: InfluxDB keeps the shortest text of a float32, SQLite the float32. */
const rowsOf = ({ members }: Manifest) =>
  members.flatMap(({ path, count, sha256 }) =>
    path.startsWith('ledger/') ? [[path, count, sha256]] : path.startsWith('series/') ? [[path, count]] : [],
  );

async function davylamp(env: Environment, command: 'backup' | 'restore', file: string): Promise<Manifest> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, command, file, '--json'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return JSON.parse(stdout) as Manifest;
}

async function truncated(file: string): Promise<void> {
  const { size } = await stat(file);
  await truncate(file, Math.floor(size / 2));
}

async function repacked(file: string, member: string, change: (text: string) => string): Promise<void> {
  const folder = await mkdtemp(join(scratch, 'repacked-'));
  await extract({ file, cwd: folder });
  const before = await readFile(join(folder, member), 'utf8');
  expect(change(before)).not.toBe(before);
  await writeFile(join(folder, member), change(before));
  await create({ file, cwd: folder, gzip: true }, await readdir(folder));
}

async function outcomeOf({ ledger, series }: World): Promise<Outcome> {
  const times = frames.map(({ endMs }) => endMs);
  const span = { fromMs: Math.min(...times), toMs: Math.max(...times) + 60_000 };
  const scopes = Array.from({ length: PLAN.nodes }, (_, index) => ({ node: nodeName(index), ...span }));
  const verdicts = await series.read({ measurement: 'assessment', scopes, fields: ASSESSMENT_FIELDS });
  const alerts = await ledger.alerts.alerts();
  return {
    points: await storedPoints(series, frames),
    verdicts: verdicts
      .map(({ node, timeMs, values }) => [node, timeMs, ...Array.from(values)])
      .sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    findings: [...(await ledger.alerts.findings())].sort((a, b) => (a.id < b.id ? -1 : 1)),
    alerts: alerts.map(({ id, cause, state, severity, findings }) => ({
      id,
      cause,
      state,
      severity,
      findings: [...findings].sort(),
    })),
    loss: await ledger.custody.balance(),
  };
}
