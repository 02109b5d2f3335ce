import { execFile, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '#libs/ledger/alert-port.ts';
import type { LossRow } from '#libs/ledger/port.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import { drained, WRITER } from '#test/support/drained.ts';
import { eventually } from '#test/support/eventually.ts';
import { expectedPoints, framesOnBus, type PointTable, storedPoints } from '#test/support/points.ts';
import { type Environment, ServiceProcess } from '#test/support/process.ts';
import { type Call, Receiver } from '#test/support/receiver.ts';
import { distributedWorld, embeddedWorld, testServers, type World } from '#test/support/world.ts';

/**
 * The whole job on the machine that runs this test: it is measured for some minutes while it does little, then a hash
 * loop starts on every core. Both columns watch the same machine at the same time.
 */
const QUIET_MS = Number(process.env.DAVYLAMP_E2E_QUIET_SECONDS ?? 240) * 1000;
const FOUND_WITHIN_MS = 480_000;
const NODE = 'this-machine';

const hashLoop = fileURLToPath(new URL('../support/hash-loop.ts', import.meta.url));
const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

interface Run extends AsyncDisposable {
  readonly world: World;
  readonly receiver: Receiver;
  /** Ends the agent first, and the rest when every frame has found its place. */
  finish(): Promise<void>;
}

interface Outcome {
  readonly findings: readonly Finding[];
  readonly alerts: readonly Alert[];
  readonly notices: readonly Notice[];
  readonly opened: readonly Call[];
  readonly repeats: number;
  readonly loss: readonly LossRow[];
  readonly sent: PointTable;
  readonly stored: PointTable;
  readonly loadFromMs: number;
}

async function pipelineEnv(receiver: Receiver): Promise<Environment> {
  return {
    DAVYLAMP_NODE: NODE,
    DAVYLAMP_RESOLUTION: 'full',
    DAVYLAMP_WEBHOOK_URL: receiver.url,
    DAVYLAMP_CONSOLE_PORT: '0',
    DAVYLAMP_GATEWAY_PORT: '0',
    DAVYLAMP_LOG_LEVEL: 'warn',
  };
}

/** Everything in one process, nothing installed. */
async function embeddedRun(): Promise<Run> {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(await Receiver.open());
  const world = stack.use(await embeddedWorld(await pipelineEnv(receiver)));
  await declare(world);
  const up = (...args: string[]) => stack.use(new ServiceProcess('cli', world.env, ['up', ...args]).start());
  const pipeline = up();
  const finish = async () => {
    await pipeline.stop();
    const rest = up('--no-agent', '--no-gateway');
    await drained(world, WRITER);
    await rest.stop();
  };
  return { world, receiver, finish, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** One process a service, on the servers of the test. */
async function distributedRun(servers: NonNullable<ReturnType<typeof testServers>>): Promise<Run> {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(await Receiver.open());
  const world = stack.use(await distributedWorld(servers, await pipelineEnv(receiver)));
  await declare(world);
  const start = (name: string) => stack.use(new ServiceProcess(name, world.env).start());
  const services = ['writer', 'detector', 'alerter'].map(start);
  const agent = start('agent');
  const finish = async () => {
    await agent.stop();
    await drained(world, WRITER);
    for (const service of services) await service.stop();
  };
  return { world, receiver, finish, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function declare(world: World): Promise<void> {
  const words = ['declare', 'quiet', NODE, '--tenant', 'us', '--approver', 'the test', '--behaviour', 'B0'];
  const bound = ['--bound', 'cpu_utilization_ratio=0..0.75'];
  await promisify(execFile)(process.execPath, [cli, ...words, ...bound], {
    env: { ...process.env, ...world.env },
  });
}

function startHashLoops(): () => void {
  const loops = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, [hashLoop], { stdio: 'ignore' }),
  );
  return () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
}

async function outcomeOf({ world, receiver, finish }: Run, loadFromMs: number): Promise<Outcome> {
  await finish();
  const frames = await framesOnBus(world.bus);
  return {
    findings: await world.ledger.alerts.findings(),
    alerts: await world.ledger.alerts.alerts(),
    notices: await world.ledger.outbox.list(),
    opened: receiver.events('opened'),
    repeats: receiver.repeats,
    loss: await world.ledger.custody.balance(),
    sent: expectedPoints(frames),
    stored: await storedPoints(world.series, frames),
    loadFromMs,
  };
}

const servers = testServers();
const columns = ['embedded', ...(servers ? ['on real servers'] : [])];
const outcomes = new Map<string, Outcome>();
const stack = new AsyncDisposableStack();

beforeAll(
  async () => {
    const runs = [await embeddedRun(), ...(servers ? [await distributedRun(servers)] : [])];
    for (const run of runs) stack.use(run);
    await sleep(QUIET_MS);
    const loadFromMs = Date.now();
    const stopLoad = startHashLoops();
    stack.defer(stopLoad);
    await Promise.all(
      runs.map((run) =>
        eventually(
          'the call',
          async () => run.receiver.events('opened').length,
          (n) => n > 0,
          FOUND_WITHIN_MS,
          1000,
        ),
      ),
    );
    // Two more windows: time for a second finding, alert or call that must not come.
    await sleep(120_000);
    stopLoad();
    for (const [index, run] of runs.entries())
      outcomes.set(columns[index] ?? '', await outcomeOf(run, loadFromMs));
  },
  QUIET_MS + FOUND_WITHIN_MS + 400_000,
);

afterAll(async () => {
  await stack.disposeAsync();
}, 60_000);

describe.each(columns)('this machine, watched %s', (column) => {
  const outcome = () => {
    const known = outcomes.get(column);
    if (known === undefined) throw new Error(`no outcome of the run ${column}`);
    return known;
  };

  test('one deviation is found, with grounds, a counter-ground and what it cannot see', () => {
    const findings = outcome().findings.filter((finding) => finding.severity !== 'info');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'deviation', node: NODE, tenant: 'us', status: 'open' });
    expect(findings[0]?.reasons.map((ground) => ground.rule)).toContain('envelope');
    expect(findings[0]?.counterReasons.length).toBeGreaterThan(0);
    expect(findings[0]?.unseen.length).toBeGreaterThan(0);
  });

  test('the onset lies where the load began, give or take a window', () => {
    const { findings, loadFromMs } = outcome();
    const onset = findings.find((finding) => finding.severity !== 'info')?.onset;
    expect(onset?.fromMs).toBeGreaterThan(loadFromMs - 120_000);
    expect(onset?.toMs).toBeLessThan(loadFromMs + 120_000);
  });

  test('one alert is raised and one webhook is called', () => {
    const { alerts, opened, repeats } = outcome();
    expect(alerts).toHaveLength(1);
    expect([opened.length, repeats]).toEqual([1, 0]);
  });

  test('the points queried back equal what the agent sent', () => {
    const { sent, stored } = outcome();
    expect(Object.keys(sent).length).toBeGreaterThan(QUIET_MS / 10_000);
    expect(stored).toEqual(sent);
  });

  test('the loss ledger balances to zero', () => {
    const { loss } = outcome();
    expect(
      loss.map(({ sent, stored, dead, dropped, inFlight }) => [sent - stored, dead, dropped, inFlight]),
    ).toEqual([[0, 0, 0, 0]]);
  });
});

if (servers === null) {
  test('on real servers: they are not there', ({ skip }) => {
    skip('DAVYLAMP_TEST_KAFKA, _INFLUX1, _POSTGRES and _REDIS are not set: run `npm run servers -- up`');
  });
}
