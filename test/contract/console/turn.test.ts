import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BoardView, OverviewView } from '#services/console/api/contract/fleet.ts';
import type { DossierView } from '#services/console/api/contract/node.ts';
import type { ConsoleApp } from '#services/console/app.ts';
import { eventually } from '#test/support/eventually.ts';
import {
  aNode,
  anAssessment,
  assessmentMessage,
  type ConsoleWorld,
  openConsoleWorld,
  person,
  type Visitor,
} from './world.ts';

const MINUTE_MS = 60_000;

let world: ConsoleWorld;
let app: ConsoleApp;
let viewer: Visitor;
let us: Visitor;
/** When the node passed from `them` to `us`. */
let turnMs: number;

beforeEach(async () => {
  world = await openConsoleWorld();
  await world.ledger.nodes.see(aNode('lent', { tenant: 'them' }));
  await world.ledger.nodes.enrol(aNode('lent', { tenant: 'us' }));
  turnMs = Date.now();
  await world.ledger.custody.account([{ node: 'lent', boot: 'b1', fate: 'stored', from: 1, to: 8 }]);
  app = await world.start();
  viewer = await person(world, app, 'viewer');
  us = await person(world, app, 'tenant', 'us');
});

afterEach(() => world[Symbol.asyncDispose]());

/** The node's window that ends then, and a tick of this time. */
async function hear(windowEndMs: number, tickMs: number): Promise<void> {
  await world.bus.publish([
    assessmentMessage(anAssessment({ node: 'lent', windowEndMs, conformity: 'deviates' })),
    {
      ...{ topic: 'observations', key: 'hall', headers: { type: 'tick' } },
      value: new TextEncoder().encode(JSON.stringify({ timeMs: tickMs })),
    },
  ]);
  await eventually(
    'the tick',
    () => overviewOf(viewer),
    ({ timeMs }) => timeMs === tickMs,
    5_000,
    20,
  );
}

const overviewOf = async (visitor: Visitor) => (await visitor.get<OverviewView>('/api/overview')).body;
const rowOf = async (visitor: Visitor) => (await visitor.get<BoardView>('/api/board?span=hour')).body.rows[0];
const dossierOf = async (visitor: Visitor) => (await visitor.get<DossierView>('/api/nodes/lent')).body;

test('a node’s next tenant sees the node, and nothing of the former one’s windows and frames', async () => {
  await hear(turnMs - MINUTE_MS, turnMs + 3 * MINUTE_MS);
  expect(await overviewOf(us)).toMatchObject({
    ...{ nodes: 1, heartbeats: {}, conformities: {}, grades: {}, behaviours: {} },
  });
  const row = await rowOf(us);
  expect(row).toMatchObject({ node: 'lent', heartbeat: null, lastMs: null });
  expect(row?.conformities).toMatch(/^\.+$/);
  expect(await dossierOf(us)).toMatchObject({ assessment: null, history: [], loss: [] });

  expect(await overviewOf(viewer)).toMatchObject({ conformities: { deviates: 1 } });
  expect(await rowOf(viewer)).toMatchObject({ heartbeat: 'present', lastMs: turnMs - MINUTE_MS });
  expect((await dossierOf(viewer)).loss).toMatchObject([{ boot: 'b1' }]);
});

test('and sees the windows of their own time', async () => {
  await hear(turnMs + 2 * MINUTE_MS, turnMs + 3 * MINUTE_MS);
  expect(await overviewOf(us)).toMatchObject({ nodes: 1, conformities: { deviates: 1 } });
  expect(await rowOf(us)).toMatchObject({ heartbeat: 'present', lastMs: turnMs + 2 * MINUTE_MS });
});
