import { expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import { generateKeys } from '#libs/evidence/keys.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Reading } from '#libs/model/reading.ts';
import { CheckpointStore } from '#services/detector/checkpoint.ts';
import { bootName, row, START_MS } from '#test/unit/detect/world.ts';
import { DetectorWorld, nodeRecord, TestAgent, tickMessages } from './world.ts';

const host = (watts: number) => [row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: watts })];
const ticks = (index: number) => [...tickMessages('frames', index, 1), ...tickMessages('readings', index, 1)];

function reporting(agent: TestAgent, from: number, to: number): Outgoing[] {
  return Array.from({ length: to - from + 1 }, (_, i) => [
    agent.message(from + i, host(500)),
    ...ticks(from + i),
  ]).flat();
}

test('an enrolled node with a sealed chain has grade C, one nobody enrolled D, one that lost a frame D', async () => {
  const keys = generateKeys();
  const enrolled = { publicKey: keys.publicKey, enrolled: true };
  await using world = await DetectorWorld.open(1, [nodeRecord('n1', enrolled)]);
  const agents = [new TestAgent('n1', keys), new TestAgent('n2')];
  const messages: Outgoing[] = [];
  for (let index = 1; index <= 121; index++) {
    for (const agent of agents) {
      const message = agent.message(index, host(500));
      if (agent.node !== 'n1' || index !== 110) messages.push(message);
    }
  }
  await world.bus.publish(messages);
  await world.run();
  const assessments = await world.objects<Assessment>('observations', 'assessment');
  const grades = (node: string) => assessments.filter((one) => one.node === node).map(({ grade }) => grade);
  // Sealed first with the 90th frame, the last of the 15th minute; the 110th is missing in the 19th.
  expect(grades('n1').join('')).toBe('DDDDDDDDDDDDDDDCCCDC');
  expect(new Set(grades('n2'))).toEqual(new Set(['D']));
});

test('two machines with one name contradict each other', async () => {
  await using world = await DetectorWorld.open(1);
  const real = new TestAgent('n1');
  const clone = new TestAgent('n1', generateKeys(), bootName('b'));
  const messages: Outgoing[] = [];
  for (let index = 1; index <= 30; index++) {
    messages.push(real.message(index, host(500)), clone.message(index, host(90)), ...ticks(index));
  }
  await world.bus.publish(messages);
  await world.run();
  const findings = await world.objects<Finding>('findings', 'finding');
  expect(findings.map(({ kind, severity, grade }) => `${kind} ${severity} ${grade}`)).toContain(
    'clone high X',
  );
});

test('what cannot be read is counted, and the rest goes on', async () => {
  await using world = await DetectorWorld.open(1);
  const agent = new TestAgent('n1');
  const garbage = (topic: string, type: string): Outgoing => ({
    topic,
    key: 'n1',
    value: Buffer.from('{"node":'),
    headers: { type },
  });
  await world.bus.publish([
    garbage('frames', 'frame'),
    garbage('frames', 'tick'),
    garbage('frames', 'nonsense'),
    garbage('readings', 'reading'),
    garbage('observations', 'summary'),
    garbage('observations', 'nonsense'),
    { topic: 'frames', key: 'n1', value: new Uint8Array() },
    ...reporting(agent, 1, 8),
  ]);
  await world.run();
  expect(world.counters.value('detector_frames_total', { fate: 'malformed' })).toBe(2);
  expect(world.counters.value('detector_frames_total', { fate: 'unknown type' })).toBe(2);
  expect(world.counters.value('detector_frames_total', { fate: 'taken' })).toBe(8);
  expect(world.counters.value('detector_taken_total', { stage: '2', type: 'malformed' })).toBe(3);
  expect(await world.objects('observations', 'assessment')).toHaveLength(1);
});

test('a bus away for twenty minutes makes nobody blind and loses no window', async () => {
  await using world = await DetectorWorld.open(1);
  const agent = new TestAgent('n1');
  await world.bus.publish(reporting(agent, 1, 120));
  await world.run();
  // It comes back: the agent sends its spool, the ticker only what is now.
  const spool = Array.from({ length: 120 }, (_, i) => agent.message(121 + i, host(500)));
  await world.bus.publish([...ticks(240), ...spool.slice(0, 60), ...ticks(241), ...spool.slice(60)]);
  await world.bus.publish(reporting(agent, 241, 260));
  await world.run();
  const assessments = await world.objects<Assessment>('observations', 'assessment');
  expect(assessments.filter(({ heartbeat }) => heartbeat !== 'present')).toEqual([]);
  const ends = new Set(assessments.map(({ windowEndMs }) => (windowEndMs - START_MS) / 60_000));
  expect([...ends].sort((a, b) => a - b)).toEqual(Array.from({ length: 43 }, (_, i) => i + 1));
  expect(assessments.every(({ coverageRatio }) => coverageRatio === 1)).toBe(true);
  expect(await world.objects('findings', 'finding')).toEqual([]);
});

test('an agent that stops while its meter shows load is blind with load, also across a restart', async () => {
  await using world = await DetectorWorld.open(1);
  const agent = new TestAgent('n1');
  await world.bus.publish(reporting(agent, 1, 120));
  await world.run();
  const reading: Reading = {
    source: 'pdu',
    site: 's1',
    meter: 'm1',
    node: 'n1',
    endMs: START_MS + 1_260_000,
    intervalMs: 60_000,
    powerWatts: 480,
    energyJoules: null,
  };
  const value = Buffer.from(JSON.stringify(reading));
  await world.bus.publish([{ topic: 'readings', key: 's1', value, headers: { type: 'reading' } }]);
  await world.run();
  for (let index = 121; index <= 150; index++) await world.bus.publish(ticks(index));
  await world.run();
  const findings = await world.objects<Finding>('findings', 'finding');
  expect(findings).toMatchObject([{ kind: 'blind with load', status: 'open', severity: 'high', grade: 'B' }]);
});

test('a checkpoint of another version is left, and the group goes on from its offset', async () => {
  await using world = await DetectorWorld.open(1);
  const agent = new TestAgent('n1');
  await world.bus.publish(reporting(agent, 1, 12));
  await world.run();
  const other = Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from('[]')]);
  await new CheckpointStore(world.bus, '1', 0, 1).write(1_000, { frames: 5 }, [Buffer.from([9]), other]);
  await world.bus.publish(reporting(agent, 13, 24));
  await world.run();
  expect(world.counters.value('detector_checkpoints_refused_total')).toBe(1);
  const assessments = await world.objects<Assessment>('observations', 'assessment');
  expect(assessments.at(-1)?.windowEndMs).toBe(START_MS + 180_000);
});

test('a node that the register does not have is written into it, and one that it has is left alone', async () => {
  await using world = await DetectorWorld.open(1, [nodeRecord('n1', { hardware: '8x H100' })]);
  const agents = [new TestAgent('n1'), new TestAgent('n2')];
  await world.bus.publish(agents.flatMap((agent) => [1, 2].map((index) => agent.message(index, host(500)))));
  await world.run();
  const nodes = await world.ledger.nodes.list();
  expect(nodes).toMatchObject([
    { node: 'n1', hardware: '8x H100' },
    { node: 'n2', site: 's1', tenant: null, publicKey: null, enrolled: false },
  ]);
});

test('stages run apart do what they do together', async () => {
  await using world = await DetectorWorld.open(2);
  const agent = new TestAgent('n1');
  await world.bus.publish(reporting(agent, 1, 60));
  for (let index = 61; index <= 90; index++) {
    await world.bus.publish([...tickMessages('frames', index, 2), ...tickMessages('readings', index, 2)]);
  }
  await world.run({}, { stages: ['1'] }, ['frames']);
  expect(await world.objects('findings', 'finding')).toEqual([]);
  await world.run({}, { stages: ['2'] }, ['observations', 'readings']);
  expect((await world.objects<Finding>('findings', 'finding')).map(({ kind }) => kind)).toEqual(['blind']);
});
