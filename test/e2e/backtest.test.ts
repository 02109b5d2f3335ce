import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Reading } from '#libs/model/reading.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine, type Shift } from '#libs/traces/simulate/machine.ts';
import { cpuPow } from '#libs/traces/simulate/workloads/cpu-pow.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import type { Outcome } from '#services/cli/backtest/compare.ts';
import type { Found } from '#services/cli/backtest/finding-book.ts';
import { SimulatedAgent, simulatedBoot, simulatedKeys } from '#services/cli/demo/agent.ts';
import { drained, EVERYBODY } from '#test/support/drained.ts';
import { ticks } from '#test/support/fleet.ts';
import { readTopic } from '#test/support/points.ts';
import { type Environment, ServiceProcess } from '#test/support/process.ts';
import { distributedWorld, embeddedWorld, testServers, type World } from '#test/support/world.ts';

/** One simulated hour is put through a running pipeline, and then through backtests of what it has stored. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const START_MS = Date.UTC(2026, 0, 5, 8);
const MINUTES = 60;
const at = (minute: number) => START_MS + minute * 60_000;
const work = (fromMinute: number, workload = cpuPow): Shift => ({ fromMs: at(fromMinute), workload });

/** What each node does; it is idle before, and declared to be. */
const STORY: Readonly<Record<string, { readonly shifts: readonly Shift[]; readonly silentFrom?: number }>> = {
  'sim-quiet': { shifts: [] },
  'sim-long': { shifts: [work(30)] },
  // Three windows: enough to open a deviation with the parameters that are shipped, too few for four.
  'sim-brief': { shifts: [work(30), work(33, idle)] },
  'sim-silent': { shifts: [], silentFrom: 40 },
};
const NODES = Object.keys(STORY);
const SETTINGS: Environment = {
  DAVYLAMP_RESOLUTION: 'full',
  DAVYLAMP_TICKER: 'off',
  DAVYLAMP_LOG_LEVEL: 'warn',
  DAVYLAMP_CONSOLE_PORT: '0',
  DAVYLAMP_BUS_PARTITIONS: '3',
  // The simulated hour is fixed and lies in the past.
  DAVYLAMP_SERIES_RETENTION_DAYS: String(Math.ceil((Date.now() - Date.UTC(2026, 0, 1)) / 86_400_000) + 30),
};
const RANGE = ['--from', new Date(START_MS).toISOString(), '--to', new Date(at(MINUTES)).toISOString()];
const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
const servers = testServers();

describe.each(['embedded', 'distributed'] as const)('in the %s column', (column) => {
  const isThere = column === 'embedded' || servers !== null;
  const stack = new AsyncDisposableStack();
  let world: World;
  let folder = '';
  let live: readonly Finding[] = [];

  beforeAll(async () => {
    if (!isThere) return;
    folder = await mkdtemp(join(tmpdir(), 'davylamp-backtest-'));
    stack.defer(() => rm(folder, { recursive: true }));
    world = stack.use(
      column === 'embedded' || servers === null
        ? await embeddedWorld(SETTINGS)
        : await distributedWorld(servers, SETTINGS),
    );
    await play(world);
    const names = column === 'embedded' ? ['cli'] : ['writer', 'detector', 'alerter'];
    const services = names.map((name) => {
      const args = name === 'cli' ? ['up', '--no-agent', '--no-gateway'] : [];
      return stack.use(new ServiceProcess(name, world.env, args).start());
    });
    await drained(world, EVERYBODY);
    for (const service of services) await service.stop();
    const states = (await readTopic(world.bus, TOPICS.findings.name)).map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()) as Finding,
    );
    live = [...new Map(states.map((finding) => [finding.id, finding])).values()];
  });

  afterAll(() => stack.disposeAsync());

  /** A test that is skipped, and says why, without the servers. */
  const here = (name: string, act: () => Promise<void>) =>
    test(name, async ({ skip }) => {
      if (!isThere) skip('DAVYLAMP_TEST_KAFKA, _INFLUX1, _POSTGRES and _REDIS: run `npm run servers -- up`');
      await act();
    });

  const backtest = async (...args: readonly string[]): Promise<Outcome> => {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'backtest', '--json', ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...world.env },
      maxBuffer: 1 << 26,
    });
    return JSON.parse(stdout) as Outcome;
  };
  const version = async (name: string, parameters: Readonly<Record<string, number>>): Promise<string> => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(parameters));
    return file;
  };
  /** All that the shipped version finds: the other one is deaf. */
  const shippedFindings = async (...args: readonly string[]): Promise<readonly Found[]> => {
    const deaf = await version('deaf', {
      warmUpWindows: 1_000_000,
      missedTicks: 999_999,
      blindTicks: 1_000_000,
    });
    const { findings } = await backtest('--b', deaf, ...args);
    expect(findings).toMatchObject({ onlyB: [], changed: [], same: 0 });
    return findings.onlyA;
  };
  const episodes = (found: readonly (Found | Finding)[]) =>
    found.map(({ node, kind, openedMs, closedMs }) => ({ node, kind, openedMs, closedMs }));

  here('the shipped version finds in the bus what the running detector found in it', async () => {
    const found = await shippedFindings();
    const deviations = (all: readonly (Found | Finding)[]) =>
      all
        .filter(({ kind }) => kind === 'deviation')
        .map(({ id, severity, closedMs }) => ({ id, severity, closedMs }));
    expect(deviations(found)).toHaveLength(2);
    expect(new Set(deviations(found))).toEqual(new Set(deviations(live)));
    expect(found.map(({ node, kind }) => `${node} ${kind}`)).toContain('sim-silent blind with load');
  });

  here('identical versions differ in nothing', async () => {
    const { findings, windows, versions } = await backtest();
    expect(findings).toEqual({ onlyA: [], onlyB: [], changed: [], same: 3 });
    expect(windows.turns).toEqual([]);
    expect(windows.nodes.map(({ node }) => node)).toEqual(NODES.toSorted());
    expect(windows.nodes.every((one) => one.onlyA + one.onlyB + one.conformity + one.behaviour === 0)).toBe(
      true,
    );
    expect(versions.b.rate).toEqual(versions.a.rate);
    expect(versions.a.rate).toMatchObject({ alerts: 2 });
  });

  here('the same telemetry gives the same outcome', async () => {
    const stricter = await version('stricter', { openWindows: 4 });
    expect(await backtest('--b', stricter)).toEqual(await backtest('--b', stricter));
  });

  here(
    'a stricter threshold loses exactly the finding that needs the looser one, and the others come later',
    async () => {
      const stricter = await version('stricter', { openWindows: 4 });
      const { findings, windows } = await backtest('--b', stricter);
      expect(findings.onlyA).toMatchObject([
        { node: 'sim-brief', kind: 'deviation', site: 'simulated-hall' },
      ]);
      expect(findings.onlyB).toEqual([]);
      expect(findings.changed).toMatchObject([
        { a: { node: 'sim-long', kind: 'deviation' }, differs: ['found at'] },
      ]);
      expect((findings.changed[0]?.b.foundMs ?? 0) - (findings.changed[0]?.a.foundMs ?? 0)).toBe(60_000);
      expect(findings.same).toBe(1);
      expect(windows.turns, 'persistence changes no verdict of a window').toEqual([]);
    },
  );

  here('a node that is named is reported alone', async () => {
    const stricter = await version('stricter', { openWindows: 4 });
    const { findings, windows } = await backtest('--b', stricter, '--node', 'sim-long');
    expect(findings).toMatchObject({ onlyA: [], onlyB: [], changed: [{ a: { node: 'sim-long' } }], same: 0 });
    expect(windows.nodes.map(({ node }) => node)).toEqual(['sim-long']);
  });

  here('windows whose verdict another threshold changes are counted by node', async () => {
    const blunt = await version('blunt', { envelopeMarginRatio: 1, spreadRatio: 1, spreadOfRatios: 10 });
    const { windows } = await backtest('--b', blunt);
    const changed = Object.fromEntries(windows.nodes.map((one) => [one.node, one.conformity]));
    expect(changed).toMatchObject({ 'sim-quiet': 0, 'sim-brief': 3 });
    expect(changed['sim-long']).toBeGreaterThan(25);
    expect(windows.turns).toContainEqual(
      expect.objectContaining({ axis: 'conformity', a: 'deviates', windows: 3 + (changed['sim-long'] ?? 0) }),
    );
  });

  here(
    'the series store under `full` gives the findings that the bus gives, but what meters say',
    async () => {
      const bus = await shippedFindings('--bus', ...RANGE);
      const series = await shippedFindings('--series', ...RANGE);
      const inBand = (found: readonly Found[]) =>
        episodes(found).map((one) => ({ ...one, kind: one.kind.replace(' with load', '') }));
      expect(bus).toHaveLength(3);
      expect(inBand(series)).toEqual(inBand(bus));
      const ofDeviations = (found: readonly Found[]) =>
        found
          .filter(({ kind }) => kind === 'deviation')
          .map(({ id, reason, onset }) => ({ id, reason, onset }));
      expect(ofDeviations(series)).toEqual(ofDeviations(bus));
    },
  );

  here('offsets and times leave out what comes before them', async () => {
    const partitions = await world.bus.offsets(TOPICS.frames.name);
    const ends = partitions.map(({ partition, next }) => `${partition}:${next}`).join(',');
    expect((await backtest('--offsets', ends)).windows.nodes).toEqual([]);
    const late = await backtest('--from', new Date(at(50)).toISOString());
    const windows = Object.fromEntries(late.windows.nodes.map((one) => [one.node, one.watched]));
    expect(windows['sim-long']).toBeGreaterThanOrEqual(9);
    expect(windows['sim-long']).toBeLessThanOrEqual(11);
    expect(windows).not.toHaveProperty('sim-silent');
    const early = await backtest('--to', new Date(at(20)).toISOString());
    expect(early.windows.nodes.map(({ watched }) => watched)).toEqual(NODES.map(() => 20));
    expect(early.source.messages, 'frames, and the readings of one node').toBe(20 * (6 * NODES.length + 1));
    expect(early.findings).toEqual({ onlyA: [], onlyB: [], changed: [], same: 0 });
  });
});

/** Writes the hour onto the bus: frames, readings of the silent node's outlet, and the ticks of both topics. */
async function play({ bus, ledger }: World): Promise<void> {
  await bus.ensure(Object.values(TOPICS));
  await ledger.declarations.append({
    id: 'hall',
    version: 1,
    tenant: 'T-007',
    nodes: NODES,
    behaviours: ['B0'],
    envelope: [{ metric: 'cpu_utilization_ratio', min: 0, max: 0.5 }],
    validFromMs: 0,
    validToMs: null,
    approver: 'the test',
    recordedMs: 0,
  });
  const agents = NODES.map((node, index) => simulatedAgent(node, index + 1));
  const partitions = (await bus.offsets(TOPICS.frames.name)).length;
  for (let endMs = START_MS + 10_000; endMs <= at(MINUTES); endMs += 10_000) {
    const heard = agents.filter(({ silentMs }) => endMs <= silentMs);
    await bus.publish([
      ...heard.map(({ agent }) => agent.frame(endMs)),
      ...(endMs % 60_000 === 0 ? [reading('sim-silent', endMs)] : []),
      ...ticks(TOPICS.readings.name, partitions, endMs),
      ...ticks(TOPICS.frames.name, partitions, endMs),
    ]);
  }
  for (let more = 1; more <= 5; more++)
    await bus.publish(ticks(TOPICS.frames.name, partitions, at(MINUTES) + more * 10_000));
}

function simulatedAgent(node: string, seed: number) {
  const { shifts, silentFrom = MINUTES } = STORY[node] ?? { shifts: [] };
  const machine = new Machine({ name: node, hardware: HARDWARE.office, shifts, flows: false, seed });
  const keys = simulatedKeys(node, seed);
  const agent = new SimulatedAgent(machine, {
    node,
    site: 'simulated-hall',
    keys,
    boot: simulatedBoot(node, 'only', seed),
  });
  return { agent, silentMs: at(silentFrom) };
}

function reading(node: string, endMs: number): Outgoing {
  const value: Reading = {
    source: 'pdu',
    site: 'simulated-hall',
    meter: 'outlet-1',
    node,
    endMs,
    intervalMs: 60_000,
    powerWatts: 120,
    energyJoules: null,
  };
  return {
    topic: TOPICS.readings.name,
    key: value.site,
    value: Buffer.from(JSON.stringify(value)),
    headers: { type: 'reading' },
  };
}
