import { deadLetter } from '#libs/bus/dead-letter.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { ConsoleApp } from '#services/console/app.ts';
import { eventually } from '#test/support/eventually.ts';
import {
  aFinding,
  aNode,
  anAssessment,
  assessmentMessage,
  type ConsoleWorld,
  openConsoleWorld,
  person,
  type Visitor,
} from './world.ts';

/** A moment on the hour, an hour ago. */
export const T0 = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
export const MINUTE_MS = 60_000;

export interface FleetWorld extends AsyncDisposable {
  readonly world: ConsoleWorld;
  readonly app: ConsoleApp;
  readonly admin: Visitor;
  readonly operator: Visitor;
  readonly viewer: Visitor;
  /** Of the tenant `us`. */
  readonly us: Visitor;
  /** Of the tenant `them`. */
  readonly them: Visitor;
  /** By tenant, the id of its alert. */
  readonly alerts: Readonly<Record<'us' | 'them', string>>;
}

/**
 * Two tenants' fleets beside each other: `ours` of the tenant `us`, by the register; `theirs` of `them`, simulated;
 * `lent` declared by `us` until T0 + 5 min and by `them` from then on. Each has assessments from T0 to T0 + 10 min,
 * frames every 10 s, a finding with its alert (but `lent`), and frames lost.
 */
export async function openFleetWorld(): Promise<FleetWorld> {
  const world = await openConsoleWorld();
  await fillLedger(world);
  await fillSeries(world);
  await fillBus(world);
  const app = await world.start();
  const viewer = await person(world, app, 'viewer');
  await eventually(
    'the tail',
    () => viewer.get<{ timeMs: number }>('/api/overview'),
    ({ body }) => body.timeMs === T0 + 10 * MINUTE_MS,
    5_000,
    20,
  );
  const [first, second] = await world.ledger.alerts.alerts();
  const ofThem = first?.tenant === 'them' ? first : second;
  const ofUs = first?.tenant === 'us' ? first : second;
  return {
    ...{ world, app, viewer },
    admin: await person(world, app, 'admin'),
    operator: await person(world, app, 'operator'),
    us: await person(world, app, 'tenant', 'us'),
    them: await person(world, app, 'tenant', 'them'),
    alerts: { us: ofUs?.id ?? '', them: ofThem?.id ?? '' },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const NODES = [
  { node: 'ours', site: 'hall', tenant: 'us' },
  { node: 'theirs', site: 'simulated-hall', tenant: 'them' },
  { node: 'lent', site: 'hall', tenant: null },
] as const;

/** Of the hours before as well. */
const SHARES = {
  fromMs: T0 - 23 * 3_600_000,
  windows: 1_390,
  behaviours: { B1: { share: 0.7, low: 0.68, high: 0.72 }, B0: { share: 0.3, low: 0.28, high: 0.32 } },
};

function lentTo(minute: number): string {
  return minute <= 5 ? 'us' : 'them';
}

async function fillLedger({ ledger }: ConsoleWorld): Promise<void> {
  for (const { node, site, tenant } of NODES) await ledger.nodes.see(aNode(node, { site, tenant }));
  const declaration = {
    id: 'lending',
    nodes: ['lent'],
    behaviours: ['B1' as const],
    envelope: [{ metric: 'node_power_watts', min: null, max: 900 }],
    validToMs: null,
    approver: 'A. Person',
  };
  const turnMs = T0 + 5 * MINUTE_MS;
  for (const [version, tenant, validFromMs] of [
    [1, 'us', T0 - 86_400_000],
    [2, 'them', turnMs],
  ] as const) {
    await ledger.declarations.append({ ...declaration, version, tenant, validFromMs, recordedMs: version });
  }
  for (const { node, site, tenant } of NODES) {
    if (tenant === null) continue;
    const cause = `${site}/${tenant}/deviation`;
    const openedMs = T0 + MINUTE_MS;
    await ledger.alerts.take(
      aFinding({ id: `finding-${node}`, node, site, tenant, cause, openedMs, updatedMs: openedMs }),
    );
    await ledger.custody.account([
      { node, boot: 'b1', fate: 'stored', from: 1, to: 8 },
      { node, boot: 'b1', fate: 'dead', from: 10, to: 10 },
    ]);
  }
  for (const { node, site, tenant } of NODES) {
    await ledger.assessments.keep([
      anAssessment({ node, site, tenant: tenant ?? lentTo(1), windowEndMs: T0 + MINUTE_MS }),
    ]);
  }
  await ledger.channels.report([{ name: 'webhook', target: 'example.org', reportedMs: 1 }]);
}

async function fillSeries({ series }: ConsoleWorld): Promise<void> {
  const fields = ['cpu_utilization_ratio', 'cpu_utilization_ratio_sd', 'node_power_watts'];
  for (const { node } of NODES) {
    await series.write(
      Array.from({ length: 60 }, (_, i) => ({
        ...{ measurement: 'frame' as const, node, entity: 'host', timeMs: T0 + (i + 1) * 10_000, fields },
        values: [0.5, 0.01, i % 10 === 0 ? Number.NaN : 400],
      })),
    );
    await series.write(
      Array.from({ length: 10 }, (_, i) => ({
        ...{ measurement: 'summary' as const, node, entity: 'gpu0', timeMs: T0 + (i + 1) * MINUTE_MS },
        // In the last minute the GPU of one node is found with confidential computing on.
        ...{ fields: ['gpu_power_watts', 'gpu_confidential_compute_mode'] },
        values: [300, i < 9 ? 0 : node === 'ours' ? 1 : 2],
      })),
    );
  }
}

async function fillBus({ bus }: ConsoleWorld): Promise<void> {
  // The writer and the alerter are at the beginning: the console takes up there.
  for (const [group, topic] of [
    ['writer', TOPICS.observations.name],
    ['alerter', TOPICS.findings.name],
  ] as const) {
    const joined = await bus.subscribe({
      group,
      topics: [topic],
      from: 'latest',
      deliver: async () => undefined,
    });
    await joined.stop();
  }
  const messages = NODES.flatMap(({ node, site, tenant }) =>
    Array.from({ length: 9 }, (_, i) =>
      assessmentMessage(
        anAssessment({
          ...{ node, site, tenant: tenant ?? lentTo(i + 2), windowEndMs: T0 + (i + 2) * MINUTE_MS },
          conformity: i === 4 ? 'deviates' : 'conforms',
          ...(i === 8 ? { shares: SHARES } : {}),
        }),
      ),
    ),
  );
  await bus.publish(messages);
  const record = { key: 'ours', value: Uint8Array.of(1), headers: {}, offset: 3, receivedMs: 1 };
  await bus.publish([deadLetter({ topic: 'frames', partition: 0 }, record, 'cut short – 1 byte', 'writer')]);
}
