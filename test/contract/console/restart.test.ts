import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadLetter } from '#libs/bus/dead-letter.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { BoardView, OverviewView } from '#services/console/api/contract/fleet.ts';
import type { DossierView } from '#services/console/api/contract/node.ts';
import type { QualityView } from '#services/console/api/contract/quality.ts';
import { eventually } from '#test/support/eventually.ts';
import {
  aFinding,
  aNode,
  anAssessment,
  assessmentMessage,
  type ConsoleWorld,
  findingMessage,
  openConsoleWorld,
  person,
} from './world.ts';

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 0, 5, 12);

let world: ConsoleWorld;

beforeEach(async () => {
  world = await openConsoleWorld();
  await world.ledger.nodes.see(aNode('n1'));
});

afterEach(() => world[Symbol.asyncDispose]());

/** Has a group read a topic to its present end. */
async function readBy(group: string, topic: string): Promise<void> {
  const ends = await world.bus.offsets(topic);
  const joined = await world.bus.subscribe({
    ...{ group, topics: [topic], from: 'earliest' },
    deliver: async ({ records }, control) => control.commit((records.at(-1)?.offset ?? 0) + 1),
  });
  const open = async () =>
    (await world.bus.offsets(topic, group)).filter(
      (at) => (at.committed ?? 0) < (ends[at.partition]?.next ?? 0),
    );
  await eventually('the group', open, (left) => left.length === 0, 5_000, 10);
  await joined.stop();
}

const at = (minute: number, given: Parameters<typeof anAssessment>[0] = {}) =>
  anAssessment({ windowEndMs: T0 + minute * MINUTE_MS, ...given });

test('a console that starts knows what was before, from the ledger, and misses nothing since', async () => {
  const { ledger, bus } = world;
  await ledger.assessments.keep([at(1), at(41, { conformity: 'deviates' })]);
  await ledger.alerts.take(aFinding({ severity: 'high' }));
  await bus.publish([assessmentMessage(at(41, { conformity: 'deviates' })), findingMessage(aFinding())]);
  await readBy('writer', TOPICS.observations.name);
  await readBy('alerter', TOPICS.findings.name);
  // What the writer and the alerter have not come to yet.
  await bus.publish([
    assessmentMessage(at(42, { conformity: 'undeclared' })),
    findingMessage(aFinding({ id: 'f2', kind: 'blind', updatedMs: 3_000 })),
  ]);
  const app = await world.start();
  const viewer = await person(world, app, 'viewer');
  const board = () => viewer.get<BoardView>('/api/board?span=hour');
  const { body } = await eventually(
    'the tail',
    board,
    (it) => it.body.rows[0]?.conformities.endsWith('12') ?? false,
    5_000,
    20,
  );
  expect(body.rows[0]?.conformities).toBe(`${'.'.repeat(18)}${'0'.repeat(40)}12`);
  expect(body.rows[0]).toMatchObject({ severity: 'high', lastMs: T0 + 42 * MINUTE_MS });
  const overview = (await viewer.get<OverviewView>('/api/overview')).body;
  expect(overview.findings).toEqual({ deviation: 1, blind: 1 });
});

test('a finding that closes no longer counts', async () => {
  await world.ledger.alerts.take(aFinding());
  const app = await world.start();
  const viewer = await person(world, app, 'viewer');
  const findings = async () => (await viewer.get<OverviewView>('/api/overview')).body.findings;
  expect(await findings()).toEqual({ deviation: 1 });
  await world.bus.publish([
    findingMessage(aFinding({ status: 'closed', updatedMs: 5_000, closedMs: 5_000 })),
  ]);
  await eventually('the end', findings, (found) => found.deviation === undefined, 5_000, 20);
});

test('what cannot be read on the bus is counted, and the rest goes on', async () => {
  const app = await world.start();
  const viewer = await person(world, app, 'viewer');
  const garbage = [
    { text: '{' },
    { text: '{"node":"n1"}' },
    { text: JSON.stringify({ ...at(1), grade: 'Z' }) },
  ];
  await world.bus.publish([
    ...garbage.map(({ text }) => ({ ...assessmentMessage(at(1)), value: new TextEncoder().encode(text) })),
    assessmentMessage(at(1)),
  ]);
  const dossier = () => viewer.get<DossierView>('/api/nodes/n1');
  const { body } = await eventually(
    'the assessment',
    dossier,
    (it) => it.body.assessment !== null,
    5_000,
    20,
  );
  expect(body.assessment?.grade).toBe('C');
});

test('quality names silent nodes, the longest silent first, and the newest dead letters alone', async () => {
  const { bus, ledger } = world;
  await ledger.nodes.see(aNode('n2'));
  await ledger.nodes.see(aNode('n3'));
  const app = await world.start();
  const viewer = await person(world, app, 'viewer');
  await bus.publish(
    [
      at(1),
      at(1, { node: 'n2' }),
      at(2, { heartbeat: 'blind' }),
      at(5, { node: 'n2', heartbeat: 'missed' }),
      at(5, { node: 'n3' }),
    ].map(assessmentMessage),
  );
  const record = { key: 'n1', value: Uint8Array.of(1), headers: {}, offset: 1, receivedMs: 1 };
  const letter = (reason: string) => deadLetter({ topic: 'frames', partition: 0 }, record, reason, 'writer');
  await bus.publish(Array.from({ length: 130 }, (_, i) => letter(`no. ${i}`)));
  const quality = async () => (await viewer.get<QualityView>('/api/quality')).body;
  const first = await eventually('the silent', quality, ({ silent }) => silent.length === 2, 6_000, 100);
  expect(first.silent.map(({ node, heartbeat }) => [node, heartbeat])).toEqual([
    ['n1', 'blind'],
    ['n2', 'missed'],
  ]);
  expect(first.dead).toHaveLength(100);
  expect(first.dead.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['no. 30', 'no. 129']));
  await bus.publish([letter('one more')]);
  const again = await eventually(
    'one more',
    quality,
    ({ dead }) => dead[0]?.reason === 'one more',
    6_000,
    100,
  );
  expect(again.dead).toHaveLength(100);
});
