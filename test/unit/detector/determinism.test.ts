import { expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { DetectorSettings } from '#services/detector/app.ts';
import { declaration, normal, row, seeded } from '#test/unit/detect/world.ts';
import { DetectorWorld, type Disturbance, nodeRecord, TestAgent, tickMessages } from './world.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const MINUTES = 60;

/** Six nodes; n2 leaves its envelope at minute 40, n3 falls silent at 45, n4's frames are late at times. */
function log(partitions: number): Outgoing[] {
  const random = seeded(1);
  const agents = NODES.map((node) => new TestAgent(node));
  const held: Outgoing[] = [];
  const lateAtTimes = (message: Outgoing): Outgoing[] => {
    if (held.push(message) < 4 && random() < 0.2) return [];
    return held.splice(0).reverse();
  };
  const messages: Outgoing[] = [];
  for (let index = 1; index <= MINUTES * 6; index++) {
    for (const agent of agents) {
      if (agent.node === 'n3' && index > 45 * 6) continue;
      const watts = (agent.node === 'n2' && index > 40 * 6 ? 900 : 500) + 10 * normal(random);
      const host = row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: watts });
      const message = agent.message(index, [host]);
      messages.push(...(agent.node === 'n4' ? lateAtTimes(message) : [message]));
    }
    messages.push(
      ...tickMessages('frames', index, partitions),
      ...tickMessages('readings', index, partitions),
    );
  }
  return messages;
}

async function outcome(
  partitions: number,
  messages: readonly Outgoing[],
  detectorTier: DetectorSettings['detectorTier'],
  disturb: () => Disturbance,
) {
  const envelope = [{ metric: 'node_power_watts', min: null, max: 600 }];
  const hardware = partitions === 1 ? '8x H100' : null;
  await using world = await DetectorWorld.open(
    partitions,
    NODES.map((node) => nodeRecord(node, { hardware })),
    [declaration(NODES.slice(0, 4), envelope)],
  );
  await world.bus.publish(messages);
  let kills = 0;
  while (await world.run(disturb(), { detectorTier, richEntities: 2 })) kills++;
  const observations = await world.messages('observations', 'summary', 'assessment');
  const findings = await world.messages('findings', 'finding');
  return { kills, observations: [...new Set(observations)].sort(), findings: [...new Set(findings)].sort() };
}

test.each([
  [1, 'rich'],
  [2, 'rich'],
  [1, 'auto'],
] as const)(
  'kills and batch limits change nothing, on %i partitions, tiers %s',
  { timeout: 60_000 },
  async (partitions, tiers) => {
    const messages = log(partitions);
    const whole = await outcome(partitions, messages, tiers, () => ({}));
    expect(whole.observations.length).toBeGreaterThan(2 * MINUTES * 5);
    const kinds = whole.findings.map((text) => (JSON.parse(text.slice(8)) as Finding).kind);
    expect(new Set(kinds)).toEqual(new Set(['deviation', 'blind']));
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const split = await outcome(partitions, messages, tiers, () => ({ random }));
      expect(split).toEqual(whole);
      const killed = await outcome(partitions, messages, tiers, () => ({
        random,
        publications: 3 + Math.floor(random() * 30),
      }));
      expect(killed.kills).toBeGreaterThan(0);
      expect({ ...killed, kills: 0 }).toEqual(whole);
    }
  },
);
