import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  Visitor,
} from './world.ts';

let world: ConsoleWorld;
let app: ConsoleApp;

beforeEach(async () => {
  world = await openConsoleWorld();
  await world.ledger.nodes.see(aNode('ours', { tenant: 'us' }));
  await world.ledger.nodes.see(aNode('theirs', { tenant: 'them' }));
  app = await world.start();
});

afterEach(() => world[Symbol.asyncDispose]());

interface Heard {
  readonly events: { readonly name: string; readonly data: string }[];
  readonly ended: () => boolean;
  stop(): void;
}

/** Listens until stopped. */
async function listen(visitor: Visitor): Promise<Heard> {
  const abort = new AbortController();
  const response = await fetch(`${app.url()}/api/live`, {
    headers: { cookie: visitor.cookie },
    signal: abort.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: { name: string; data: string }[] = [];
  let isOver = false;
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const parts = (rest + new TextDecoder().decode(chunk as Uint8Array)).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name && data) events.push({ name, data });
      }
    }
  })();
  // Whichever side ended it.
  reading
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  return { events, ended: () => isOver, stop: () => abort.abort() };
}

const publish = (node: string, minute: number, conformity: 'conforms' | 'deviates') =>
  world.bus.publish([assessmentMessage(anAssessment({ node, windowEndMs: minute * 60_000, conformity }))]);

const verdicts = ({ events }: Heard): { node: string; conformity: string }[] =>
  events.filter(({ name }) => name === 'verdicts').flatMap(({ data }) => JSON.parse(data));

const verdictsUntil = (heard: Heard, holds: (found: ReturnType<typeof verdicts>) => boolean) =>
  eventually('their verdict', async () => verdicts(heard), holds, 5_000, 50);

test('tells of verdicts that change, and of no others', async () => {
  const heard = await listen(await person(world, app, 'viewer'));
  await publish('ours', 1, 'conforms');
  await eventually(
    'the first verdict',
    async () => verdicts(heard),
    (found) => found.length === 1,
    5_000,
    50,
  );
  await publish('ours', 2, 'conforms');
  await publish('ours', 3, 'deviates');
  await eventually(
    'the change',
    async () => verdicts(heard),
    (found) => found.length === 2,
    5_000,
    50,
  );
  expect(verdicts(heard)).toMatchObject([
    {
      node: 'ours',
      windowEndMs: 60_000,
      conformity: 'conforms',
      behaviour: 'B1',
      grade: 'C',
      heartbeat: 'present',
    },
    { node: 'ours', windowEndMs: 180_000, conformity: 'deviates' },
  ]);
  heard.stop();
});

test('a tenant hears of their own nodes and alerts alone', async () => {
  const us = await listen(await person(world, app, 'tenant', 'us'));
  const them = await listen(await person(world, app, 'tenant', 'them'));
  await publish('ours', 1, 'conforms');
  await publish('theirs', 1, 'conforms');
  const change = await world.ledger.alerts.take(
    aFinding({ node: 'ours', tenant: 'us', cause: 'hall/us/deviation' }),
  );
  await eventually(
    'the alert',
    async () => us.events,
    (found) => found.some(({ name }) => name === 'alert'),
    8_000,
    50,
  );
  await verdictsUntil(them, (found) => found.length > 0);
  expect(verdicts(us).map(({ node }) => node)).toEqual(['ours']);
  expect(verdicts(them).map(({ node }) => node)).toEqual(['theirs']);
  expect(us.events.find(({ name }) => name === 'alert')?.data).toBe(JSON.stringify(change?.alert.id));
  expect(them.events.filter(({ name }) => name === 'alert')).toEqual([]);
  us.stop();
  them.stop();
});

test('a tenant hears of the windows of their time alone, whenever they come', async () => {
  await world.ledger.nodes.see(aNode('lent', { tenant: 'them' }));
  await world.ledger.nodes.enrol(aNode('lent', { tenant: 'us' }));
  app = await world.start();
  const us = await listen(await person(world, app, 'tenant', 'us'));
  const them = await listen(await person(world, app, 'tenant', 'them'));
  const turn = Date.now() / 60_000;
  await publish('ours', turn + 9, 'conforms');
  await publish('lent', turn - 1, 'deviates');
  await verdictsUntil(them, (found) => found.length > 0);
  await publish('lent', turn + 5, 'conforms');
  await verdictsUntil(us, (found) => found.some(({ node }) => node === 'lent'));
  expect(verdicts(us).filter(({ node }) => node === 'lent')).toMatchObject([{ conformity: 'conforms' }]);
  expect(verdicts(them)).toMatchObject([{ node: 'lent', conformity: 'deviates' }]);
  us.stop();
  them.stop();
});

test('tells at once of an alert that somebody acts on here', async () => {
  await world.ledger.alerts.take(aFinding());
  const operator = await person(world, app, 'operator');
  const { rows } = (await operator.get<{ rows: { id: string }[] }>('/api/alerts')).body;
  const heard = await listen(operator);
  await operator.post(`/api/alerts/${rows[0]?.id}/acts`, { kind: 'acknowledge' });
  await eventually(
    'the alert',
    async () => heard.events,
    (found) => found.length > 0,
    1_000,
    20,
  );
  expect(heard.events[0]).toEqual({ name: 'alert', data: JSON.stringify(rows[0]?.id) });
  heard.stop();
});

test('asks for a log-in, and ends with the console', async () => {
  expect((await new Visitor(app.url()).get('/api/live')).status).toBe(401);
  const heard = await listen(await person(world, app, 'viewer'));
  await sleep(50);
  await app.stop();
  await eventually(
    'the end',
    async () => heard.ended(),
    (ended) => ended,
    2_000,
    20,
  );
});
