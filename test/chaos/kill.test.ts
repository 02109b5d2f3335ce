import { expect, test } from 'vitest';
import { headerText } from '#libs/bus/header-text.ts';
import type { Bus } from '#libs/bus/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { drained, EVERYBODY } from '#test/support/drained.ts';
import { type FeedPlan, feed } from '#test/support/feed.ts';
import { declareHall } from '#test/support/hall.ts';
import { framesOnBus, type PointTable, readTopic, storedPoints } from '#test/support/points.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { random } from '#test/support/random.ts';
import { Receiver } from '#test/support/receiver.ts';
import { distributedWorld, type Servers, testServers, type World } from '#test/support/world.ts';

/** `full` kills each service five times, `once` (CI) one time. */
const KILLS = process.env.DAVYLAMP_CHAOS === 'full' ? 5 : 1;
const SEED = Number(process.env.DAVYLAMP_CHAOS_SEED ?? Date.now() % 100_000);
const SERVICES = ['writer', 'detector', 'alerter'] as const;
const PLAN: FeedPlan = { nodes: 12, minutes: 40, busyNodes: 3, stepMs: 60 * KILLS };
interface Outcome {
  readonly points: PointTable;
  readonly assessments: readonly string[];
  readonly findings: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly keys: readonly string[];
  readonly repeats: number;
  readonly unbalanced: number;
}

interface Kill {
  readonly service: (typeof SERVICES)[number];
  readonly atShare: number;
}

async function run(servers: Servers, kills: readonly Kill[]): Promise<Outcome> {
  await using receiver = await Receiver.open();
  await using world = await distributedWorld(servers, {
    DAVYLAMP_RESOLUTION: 'full',
    DAVYLAMP_WEBHOOK_URL: receiver.url,
    DAVYLAMP_TICKER: 'off',
    // The fed event time is fixed and lies in the past.
    DAVYLAMP_SERIES_RETENTION_DAYS: '0',
    DAVYLAMP_CHECKPOINT_MS: '1000',
    DAVYLAMP_SWEEP_MS: '1000',
    DAVYLAMP_LOG_LEVEL: 'warn',
  });
  await world.bus.ensure(Object.values(TOPICS));
  await declareHall(world, PLAN);
  await using stack = new AsyncDisposableStack();
  const services = Object.fromEntries(
    SERVICES.map((name) => [name, stack.use(new ServiceProcess(name, world.env).start())]),
  );
  let due = [...kills].sort((a, b) => a.atShare - b.atShare);
  await feed(world.bus, PLAN, async (share) => {
    const now = due.filter((kill) => kill.atShare <= share);
    due = due.filter((kill) => kill.atShare > share);
    for (const { service } of now) {
      await services[service]?.kill();
      services[service]?.start();
    }
  });
  await drained(world, EVERYBODY);
  for (const service of Object.values(services)) await service.stop();
  return await outcomeOf(world, receiver);
}

async function outcomeOf({ bus, ledger, series }: World, receiver: Receiver): Promise<Outcome> {
  const frames = await framesOnBus(bus);
  const alerts = await ledger.alerts.alerts();
  return {
    points: await storedPoints(series, frames),
    assessments: await assessmentsOn(bus),
    findings: [...(await ledger.alerts.findings())].sort((a, b) => (a.id < b.id ? -1 : 1)),
    alerts: alerts.map(({ id, cause, state, severity, findings }) => ({
      id,
      cause,
      state,
      severity,
      findings: [...findings].sort(),
    })),
    keys: [...new Set(receiver.calls.map((call) => call.key))].sort(),
    repeats: receiver.repeats,
    unbalanced: (await ledger.custody.balance()).filter((row) => row.sent !== row.stored).length,
  };
}

/** Each assessment once: what a killed detector emits again must be the same bytes under the same key. */
async function assessmentsOn(bus: Bus): Promise<readonly string[]> {
  const bodies = new Map<string, string>();
  for (const record of await readTopic(bus, TOPICS.observations.name)) {
    if (headerText(record, HEADERS.type) !== 'assessment') continue;
    const body = new TextDecoder().decode(record.value);
    const { node, windowEndMs, revision } = JSON.parse(body) as Assessment;
    const key = `${node}/${windowEndMs}/${revision}`;
    expect(bodies.get(key) ?? body, `assessment ${key} came twice with different content`).toBe(body);
    bodies.set(key, body);
  }
  return [...bodies.values()].sort();
}

const servers = testServers();

test.skipIf(servers === null)(
  `kill -9 of writer, detector and alerter, ${KILLS}× each at random moments, changes nothing (seed ${SEED})`,
  async () => {
    if (servers === null) return;
    const uniform = random(SEED);
    const kills = SERVICES.flatMap((service) =>
      Array.from({ length: KILLS }, () => ({ service, atShare: 0.1 + 0.85 * uniform() })),
    );
    const calm = await run(servers, []);
    const disturbed = await run(servers, kills);
    expect(calm.unbalanced).toBe(0);
    expect(Object.keys(calm.points)).toHaveLength(PLAN.nodes * PLAN.minutes * 6 * 2);
    expect(calm.assessments.length).toBeGreaterThan(PLAN.nodes * (PLAN.minutes - 2));
    expect(calm.alerts).toHaveLength(1);
    expect(calm.keys).toHaveLength(1);
    const { repeats, ...rest } = disturbed;
    const { repeats: _, ...expected } = calm;
    expect(rest).toEqual(expected);
    process.stdout.write(`webhook calls that repeated an idempotency key: ${repeats}\n`);
  },
  600_000,
);
