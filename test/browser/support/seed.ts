import { createHash } from 'node:crypto';
import { deadLetter } from '#libs/bus/dead-letter.ts';
import type { Assessment, Ground } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { causeOf } from '#libs/model/finding.ts';
import { aFinding, aNode, anAssessment, type ConsoleWorld } from '#test/contract/console/world.ts';
import { HOUR_MS, momentOf, type NodePlan, planFleet } from './fleet-plan.ts';
import { seedSeries } from './seed-series.ts';

const MINUTE_MS = 60_000;
const HOURS = 24;
const NODES_A_WRITE = 500;

const ground = (rule: string, weight: number, text: string, metric: string | null = null): Ground => ({
  ...{ rule, metric, weight, text },
  observed: null,
  expected: null,
});
const REASONS = [
  ground(
    'envelope',
    4.2,
    'gpu power watts of gpu3 was 641 W, above the declared maximum of 420 W',
    'gpu_power_watts',
  ),
  ground(
    'onset',
    3.3,
    'gpu power watts of gpu0 went from 212 W to 640 W within two minutes',
    'gpu_power_watts',
  ),
  ground(
    'own-past',
    2.1,
    'gpu utilization ratio of gpu0 was 99.2 %; its own past lies at 41.0 % (robust z 8.1)',
  ),
  ground(
    'behaviour',
    1.9,
    'SM activity of gpu0 was 95.0 %: matmul proof-of-work-like ("AI-shaped") looks so more often than AI inference',
    'gpu_sm_active_ratio',
  ),
];
const COUNTER = [
  ground('own-past', -1, 'network receive bytes per second is at its usual level for this node.'),
  ground('peers', -0.4, 'cpu utilization ratio is where that of 11 peers is.'),
];
const UNSEEN = [
  'No out-of-band meter, BMC or switch is part of this verdict.',
  'Flows in other network namespaces are absent.',
  'Counters cannot tell inference from inference that also mines with the same kernels, nor who does it, why, or whether it is allowed.',
];

/**
 * Fills a world with a fleet of this size as the pipeline would have left it: a day of verdicts, findings and their
 * alerts, deliveries, frames lost, and the series of the first nodes. The first node deviates, whatever the size.
 */
export async function seed(world: ConsoleWorld, size: number): Promise<readonly NodePlan[]> {
  const plans = planFleet(size);
  if (size === 0) return plans;
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await seedNodes(world, plans, nowMs);
  await seedVerdicts(world, plans, nowMs);
  await seedAlerts(world, plans, nowMs);
  await seedLosses(world, plans);
  await seedSeries(world.series, plans.slice(0, 2), nowMs);
  return plans;
}

async function seedNodes({ ledger }: ConsoleWorld, plans: readonly NodePlan[], nowMs: number): Promise<void> {
  for (const plan of plans) {
    const { node, site, tenant, hardware, seed: number } = plan;
    const firstSeenMs = nowMs - 90 * HOUR_MS;
    await ledger.nodes.see(
      aNode(node, {
        site,
        tenant,
        hardware,
        enrolled: plan.story === 'deviating' || number % 9 !== 0,
        firstSeenMs,
      }),
    );
  }
  for (const [tenant, theirs] of Map.groupBy(plans, (plan) => plan.tenant)) {
    if (tenant === null) continue;
    await ledger.declarations.append({
      ...{ id: `${tenant}-lab`, version: 1, tenant, nodes: theirs.map(({ node }) => node) },
      behaviours: ['B1', 'B2'],
      envelope: [
        { metric: 'gpu_power_watts', min: null, max: 420 },
        { metric: 'cpu_utilization_ratio', min: null, max: 0.6 },
      ],
      ...{ validFromMs: nowMs - 400 * HOUR_MS, validToMs: null, approver: 'A. Name' },
      recordedMs: nowMs - 400 * HOUR_MS,
    });
  }
}

async function seedVerdicts(
  { ledger }: ConsoleWorld,
  plans: readonly NodePlan[],
  nowMs: number,
): Promise<void> {
  for (let at = 0; at < plans.length; at += NODES_A_WRITE) {
    const some = plans.slice(at, at + NODES_A_WRITE);
    await ledger.assessments.keep(some.flatMap((plan) => verdictsOf(plan, nowMs)));
  }
}

function verdictsOf(plan: NodePlan, nowMs: number): readonly Assessment[] {
  const { node, site, tenant } = plan;
  return Array.from({ length: HOURS }, (_, hoursAgo) => {
    const moment = momentOf(plan, hoursAgo);
    const deviates = moment.conformity === 'deviates';
    return anAssessment({
      ...{ node, site, tenant, ...moment },
      windowEndMs: nowMs - hoursAgo * HOUR_MS,
      revision: createHash('sha256').update(`${node} ${hoursAgo}`).digest('hex').slice(0, 32),
      detector: 'first-rules/4',
      declaration: tenant === null ? null : `${tenant}-lab@1`,
      reasons: deviates ? REASONS : [],
      counterReasons: hoursAgo === 0 ? COUNTER : [],
      onset: deviates ? onsetOf(plan, nowMs) : null,
      unseen: hoursAgo === 0 ? UNSEEN : [],
      ...(hoursAgo === 1 ? { shares: sharesOf(plan, nowMs) } : {}),
    });
  });
}

/** As the first verdict of an hour tells them. */
function sharesOf({ story, sinceHours }: NodePlan, nowMs: number) {
  const other = story === 'deviating' ? sinceHours / 24 : 0;
  const behaviours = {
    B1: { share: 0.72 - other, low: 0.7 - other, high: 0.74 - other },
    B0: { share: 0.2, low: 0.2, high: 0.2 },
    ...(other > 0 ? { B5: { share: other, low: other - 0.04, high: other + 0.02 } } : {}),
    B13: { share: 0.08, low: 0.02, high: 0.1 },
  };
  return { fromMs: nowMs - 25 * HOUR_MS, windows: 1_440, behaviours };
}

function onsetOf({ sinceHours }: NodePlan, nowMs: number) {
  const toMs = nowMs - sinceHours * HOUR_MS;
  return { fromMs: toMs - 12 * MINUTE_MS, toMs };
}

async function seedAlerts(
  { ledger }: ConsoleWorld,
  plans: readonly NodePlan[],
  nowMs: number,
): Promise<void> {
  const troubled = plans.filter(({ story }) => story === 'deviating' || story === 'silent');
  for (const plan of troubled) await ledger.alerts.take(findingOf(plan, nowMs));
  await ledger.channels.report([
    { name: 'mail', target: 'noc@example.org', reportedMs: nowMs },
    { name: 'webhook', target: 'hooks.example.org', reportedMs: nowMs },
  ]);
  for (const { id } of await ledger.outbox.pending(20)) {
    await ledger.outbox.address(id, ['mail', 'webhook'], nowMs - HOUR_MS);
    await ledger.outbox.attempted(id, 'mail', nowMs - HOUR_MS + 900, null);
    for (let attempt = 1; attempt <= 3; attempt++)
      await ledger.outbox.attempted(id, 'webhook', nowMs - HOUR_MS + attempt * 1_000, 'it answered 503');
  }
  const [first, second] = await ledger.alerts.alerts();
  if (second) {
    await ledger.alerts.act(
      second.id,
      { kind: 'acknowledge', reason: 'Looking at it.' },
      'anna',
      nowMs - HOUR_MS,
    );
    await ledger.alerts.act(second.id, { kind: 'assign', assignee: 'anna' }, 'anna', nowMs - HOUR_MS + 5_000);
  }
  if (first) {
    const text = 'Asked the tenant. They have a render job until Friday.\nSee ticket 4711.';
    await ledger.alerts.act(first.id, { kind: 'comment', text }, 'anna', nowMs - HOUR_MS);
  }
}

function findingOf(plan: NodePlan, nowMs: number): Finding {
  const { node, site, tenant, story } = plan;
  const kind = story === 'silent' ? 'blind' : 'deviation';
  const openedMs = nowMs - plan.sinceHours * HOUR_MS;
  return aFinding({
    ...{ id: `${kind}-${node}`, kind, node, site, tenant, openedMs, updatedMs: nowMs },
    cause: causeOf({ site, tenant, kind, node }),
    severity: kind === 'blind' ? 'low' : plan.seed % 3 === 0 ? 'high' : 'medium',
    onset: kind === 'deviation' ? onsetOf(plan, nowMs) : null,
    reasons: kind === 'deviation' ? REASONS : [ground('heartbeat', 3, 'no frame arrived for 30 ticks')],
    counterReasons: kind === 'deviation' ? COUNTER : [],
    unseen: UNSEEN,
  });
}

async function seedLosses({ ledger, bus }: ConsoleWorld, plans: readonly NodePlan[]): Promise<void> {
  const boot = '5eed0000000000000000000000000000';
  await ledger.custody.account(
    plans.flatMap(({ node }, index) => [
      { node, boot, fate: 'stored' as const, from: 1, to: 8_630 },
      ...(index < 3 ? [{ node, boot, fate: 'dead' as const, from: 8_631, to: 8_633 }] : []),
      ...(index === 1 ? [{ node, boot, fate: 'dropped' as const, from: 8_634, to: 8_650 }] : []),
      ...(index < 5 ? [{ node, boot, fate: 'stored' as const, from: 8_655, to: 8_655 }] : []),
    ]),
  );
  const record = { key: 'n01', value: Uint8Array.of(1), headers: {}, offset: 3, receivedMs: 1 };
  await bus.publish(
    ['cut short after 1 byte', 'entity 3: expected 58 gauges, got 61'].map((reason) =>
      deadLetter({ topic: 'frames', partition: 0 }, record, reason, 'writer'),
    ),
  );
}
