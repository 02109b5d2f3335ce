import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Severity } from '#libs/model/finding.ts';
import {
  type AlertDetail,
  type AlertPage,
  alertDetail,
  alertPage,
} from '#services/console/api/contract/alerts.ts';
import { decides } from '#services/console/api/contract/decides.ts';
import { type BoardView, board, type OverviewView, overview } from '#services/console/api/contract/fleet.ts';
import {
  type DossierView,
  dossier,
  metricInfo,
  type SeriesReply,
  seriesReply,
} from '#services/console/api/contract/node.ts';
import {
  assignable,
  madePassword,
  person,
  type SessionView,
  session,
} from '#services/console/api/contract/people.ts';
import { type ProblemView, problem } from '#services/console/api/contract/problem.ts';
import { type QualityView, quality } from '#services/console/api/contract/quality.ts';
import { channel, silence } from '#services/console/api/contract/settings.ts';
import { type FleetWorld, MINUTE_MS, openFleetWorld, T0 } from './fleet-world.ts';
import { type Answer, aFinding, Visitor } from './world.ts';

let fleet: FleetWorld;

beforeAll(async () => {
  fleet = await openFleetWorld();
});

afterAll(() => fleet[Symbol.asyncDispose]());

const ROLES = ['tenant', 'viewer', 'operator', 'admin'] as const;
const series = `/api/nodes/ours/series?entity=host&fields=cpu_utilization_ratio,node_power_watts&fromMs=${T0}&toMs=${T0 + 3_600_000}`;
const laterMs = Date.now() + 3_600_000;
const aSilence = {
  purpose: 'silence',
  scope: { site: 'other' },
  fromMs: 1,
  untilMs: laterMs,
  reason: 'works',
};

interface Case {
  readonly route: string;
  readonly who: 'anybody' | (typeof ROLES)[number];
  readonly path?: string | (() => string);
  readonly body?: unknown;
  readonly status?: number;
  readonly answer: z.ZodType;
}

/** Every route, least caller first; run in this order by an administrator. */
const CASES: readonly Case[] = [
  { route: 'GET /api/openapi.json', who: 'anybody', answer: z.looseObject({ openapi: z.literal('3.1.0') }) },
  {
    route: 'POST /api/session',
    who: 'anybody',
    body: { name: 'x', password: 'y' },
    status: 401,
    answer: problem,
  },
  { route: 'GET /api/session', who: 'tenant', answer: session },
  { route: 'GET /api/overview', who: 'tenant', answer: overview },
  { route: 'GET /api/board', who: 'tenant', answer: board },
  { route: 'GET /api/alerts', who: 'tenant', answer: alertPage },
  {
    route: 'GET /api/alerts/{id}',
    who: 'tenant',
    path: () => `/api/alerts/${fleet.alerts.us}`,
    answer: alertDetail,
  },
  {
    route: 'POST /api/alerts/{id}/acts',
    who: 'operator',
    path: () => `/api/alerts/${fleet.alerts.us}/acts`,
    body: { kind: 'comment', text: 'looked at it' },
    answer: alertDetail,
  },
  { route: 'GET /api/nodes/{node}', who: 'tenant', path: '/api/nodes/ours', answer: dossier },
  { route: 'GET /api/nodes/{node}/series', who: 'tenant', path: series, answer: seriesReply },
  { route: 'GET /api/metrics', who: 'tenant', answer: z.array(metricInfo).min(40) },
  { route: 'GET /api/quality', who: 'viewer', answer: quality },
  { route: 'GET /api/decides', who: 'tenant', answer: decides },
  { route: 'GET /api/silences', who: 'operator', answer: z.array(silence) },
  { route: 'POST /api/silences', who: 'operator', body: aSilence, status: 201, answer: silence },
  {
    route: 'DELETE /api/silences/{id}',
    who: 'operator',
    path: '/api/silences/unknown',
    status: 404,
    answer: problem,
  },
  { route: 'GET /api/channels', who: 'operator', answer: z.array(channel).min(1) },
  { route: 'GET /api/people/assignable', who: 'operator', answer: assignable.min(3) },
  { route: 'GET /api/people', who: 'admin', answer: z.array(person).min(5) },
  {
    route: 'POST /api/people',
    who: 'admin',
    body: { name: 'new', role: 'viewer', tenant: null },
    status: 201,
    answer: madePassword,
  },
  {
    route: 'PATCH /api/people/{name}',
    who: 'admin',
    path: '/api/people/new',
    body: { role: 'tenant', tenant: 'us' },
    answer: person,
  },
  {
    route: 'POST /api/people/{name}/password',
    who: 'admin',
    path: '/api/people/new/password',
    body: {},
    answer: madePassword,
  },
  {
    route: 'POST /api/nodes/{node}/decommission',
    who: 'admin',
    path: '/api/nodes/unknown/decommission',
    body: { reason: 'sold' },
    status: 404,
    answer: problem,
  },
  {
    route: 'POST /api/session/password',
    who: 'tenant',
    body: { current: 'x', next: 'x'.repeat(12) },
    status: 403,
    answer: problem,
  },
];
/** Told without an answer's end, or ending the session that the others need. */
const ELSEWHERE = { 'GET /api/live': 'tenant', 'DELETE /api/session': 'tenant' };

function ask({ route, path, body }: Case, visitor: Visitor): Promise<Answer> {
  const [method = '', template = ''] = route.split(' ');
  const where = typeof path === 'function' ? path() : (path ?? template);
  return visitor.ask(method, where, body);
}

test('the description has every route, with who may call it', async () => {
  const { body } = await fleet.viewer.get<{
    paths: Record<string, Record<string, { 'x-caller': string; responses: object; description: string }>>;
  }>('/api/openapi.json');
  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, it]) => [`${method.toUpperCase()} ${path}`, it['x-caller']]),
  );
  const expected = [...CASES.map(({ route, who }) => [route, who]), ...Object.entries(ELSEWHERE)];
  expect(Object.fromEntries(described)).toEqual(Object.fromEntries(expected));
  expect(described).toHaveLength(expected.length);
});

test('the description gives the form of what goes in and comes out', async () => {
  const { body } = await fleet.viewer.get<{ paths: Record<string, Record<string, unknown>> }>(
    '/api/openapi.json',
  );
  expect(body.paths['/api/alerts/{id}/acts']?.post).toMatchObject({
    parameters: [{ in: 'path', name: 'id', required: true }],
    requestBody: { content: { 'application/json': { schema: { oneOf: expect.any(Array) } } } },
    responses: {
      200: { content: { 'application/json': { schema: { required: expect.arrayContaining(['history']) } } } },
      default: { content: { 'application/json': { schema: { required: ['code', 'message'] } } } },
    },
    security: [{ session: [] }],
  });
  expect(body.paths['/api/alerts']?.get).toMatchObject({
    parameters: expect.arrayContaining([expect.objectContaining({ in: 'query', name: 'severity' })]),
  });
});

test.each(CASES)('$route answers as the contract says', async (it) => {
  const answer = await ask(it, fleet.admin);
  expect(answer).toMatchObject({ status: it.status ?? 200 });
  expect(it.answer.safeParse(answer.body)).toMatchObject({ success: true });
});

const GUARDED = CASES.filter(({ who }) => who !== 'anybody');

test.each(GUARDED)('$route asks for a log-in first', async (it) => {
  const answer = await ask(it, new Visitor(fleet.app.url()));
  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});

test.each(GUARDED.filter(({ who }) => who !== 'tenant'))(
  '$route refuses whoever is below $who',
  async (it) => {
    for (const role of ROLES.slice(0, ROLES.indexOf(it.who as 'viewer'))) {
      const visitor = role === 'tenant' ? fleet.us : fleet[role];
      expect(await ask(it, visitor)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  },
);

test('an unknown route is a problem, not a page', async () => {
  expect(await fleet.viewer.get('/api/nonsense')).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

/** The request, and what the problem names. */
const MISFITS: readonly (readonly [string, string, unknown, RegExp])[] = [
  ['GET', '/api/board?span=year', undefined, /query.span/],
  ['GET', '/api/alerts?state=gone', undefined, /query.state/],
  ['GET', '/api/alerts?order=loudest', undefined, /query.order/],
  ['GET', '/api/alerts?limit=0', undefined, /query.limit/],
  [
    'GET',
    series.replace('cpu_utilization_ratio', 'cpu_nonsense'),
    undefined,
    /columns of host, got cpu_nonsense/,
  ],
  ['GET', series.replace('entity=host', 'entity=gpu0'), undefined, /columns of gpu0/],
  ['GET', series.replace(/fromMs=\d+/, 'fromMs=9999999999999'), undefined, /toMs/],
  ['POST', '/api/silences', { ...aSilence, scope: {} }, /body.scope/],
  ['POST', '/api/silences', { ...aSilence, untilMs: 2 }, /untilMs/],
  ['POST', '/api/people', { name: 'a b', role: 'viewer', tenant: null }, /body.name/],
  ['POST', '/api/people', { name: 'ab', role: 'viewer', tenant: 'us' }, /body.tenant/],
  ['POST', '/api/people', { name: 'ab', role: 'tenant', tenant: null }, /body.tenant/],
];

test.each(MISFITS)('%s %s with %j is refused with what was expected', async (method, path, body, names) => {
  const answer = await fleet.admin.ask<ProblemView>(method, path, body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid' } });
  expect(answer.body.message).toMatch(names);
});

test('a body that is no JSON is refused', async () => {
  const response = await fetch(`${fleet.app.url()}/api/session`, {
    method: 'POST',
    headers: { origin: fleet.app.url(), 'content-type': 'application/json' },
    body: '{',
  });
  expect(response.status).toBe(400);
});

describe('a tenant', () => {
  test('sees the nodes that are theirs now on the board, with the time that is theirs alone', async () => {
    const rowsFor = async (visitor: Visitor) =>
      (await visitor.get<BoardView>('/api/board?span=hour')).body.rows;
    const us = await rowsFor(fleet.us);
    const them = await rowsFor(fleet.them);
    expect(us.map(({ node }) => node)).toEqual(['ours']);
    expect(them.map(({ node }) => node)).toEqual(['lent', 'theirs']);
    expect(us[0]?.conformities).toMatch(/\.0{5}10{4}$/);
    // The first five minutes were another's.
    expect(them[0]?.conformities).toMatch(/^\.+10{4}$/);
    expect((await rowsFor(fleet.viewer)).map(({ node, tenant }) => [node, tenant])).toEqual([
      ['lent', 'them'],
      ['ours', 'us'],
      ['theirs', 'them'],
    ]);
  });

  test('counts their own', async () => {
    const { body } = await fleet.us.get<OverviewView>('/api/overview');
    expect(body).toMatchObject({ nodes: 1, heartbeats: { present: 1 }, findings: { deviation: 1 } });
    expect((await fleet.viewer.get<OverviewView>('/api/overview')).body).toMatchObject({
      nodes: 3,
      findings: { deviation: 2 },
      alerts: { open: 2 },
    });
  });

  test('finds no alert of others, whatever is asked for', async () => {
    const ids = async (path: string) => (await fleet.us.get<AlertPage>(path)).body.rows.map(({ id }) => id);
    expect(await ids('/api/alerts')).toEqual([fleet.alerts.us]);
    expect(await ids('/api/alerts?tenant=them')).toEqual([fleet.alerts.us]);
    expect((await fleet.us.get(`/api/alerts/${fleet.alerts.them}`)).status).toBe(404);
    const own = await fleet.us.get<AlertDetail>(`/api/alerts/${fleet.alerts.us}`);
    expect(own.body).toMatchObject({ findingCount: 1, nodes: ['ours'], deliveries: [] });
  });

  test('finds no node of others', async () => {
    expect((await fleet.us.get('/api/nodes/theirs')).status).toBe(404);
    expect((await fleet.us.get(series.replace('/ours/', '/theirs/'))).status).toBe(404);
    expect((await fleet.us.get('/api/nodes/unknown')).body).toEqual({
      ...((await fleet.us.get<ProblemView>('/api/nodes/theirs')).body as object),
      message: expect.stringContaining('unknown'),
    });
  });

  test('gets of a node that was lent to them what lies in that time', async () => {
    const turnMs = T0 + 5 * MINUTE_MS;
    const lent = (await fleet.us.get<DossierView>('/api/nodes/lent')).body;
    expect(lent).toMatchObject({ tenant: 'us', loss: [], declarations: [{ tenant: 'us', version: 1 }] });
    expect(lent.assessment?.windowEndMs).toBe(T0 + MINUTE_MS);
    const timesFor = async (visitor: Visitor) => {
      const { body } = await visitor.get<SeriesReply>(series.replace('/ours/', '/lent/'));
      return body.timesMs;
    };
    const [us, them] = [await timesFor(fleet.us), await timesFor(fleet.them)];
    expect(Math.max(...us)).toBeLessThan(turnMs);
    expect(Math.min(...them)).toBe(turnMs);
    expect(us.length + them.length).toBe(60);
    const now = (await fleet.them.get<DossierView>('/api/nodes/lent')).body;
    expect(now.assessment?.windowEndMs).toBe(T0 + 10 * MINUTE_MS);
    expect(now.history).toEqual([]);
  });

  test('is told no shares over hours that were another’s', async () => {
    const sharesFor = async (visitor: Visitor, node: string) =>
      (await visitor.get<DossierView>(`/api/nodes/${node}`)).body.assessment?.shares;
    expect(await sharesFor(fleet.them, 'lent')).toBeUndefined();
    for (const told of [await sharesFor(fleet.viewer, 'lent'), await sharesFor(fleet.us, 'ours')])
      expect(told).toMatchObject({
        windows: 1_390,
        behaviours: { B1: { share: 0.7, low: 0.68, high: 0.72 } },
      });
  });

  test('is told whether what they see is simulated', async () => {
    const simulated = async (visitor: Visitor) =>
      (await visitor.get<SessionView>('/api/session')).body.simulated;
    expect([await simulated(fleet.us), await simulated(fleet.them)]).toEqual([false, true]);
  });
});

test('a dossier has the newest assessment, the kept ones, findings, losses and what was measured', async () => {
  const { body } = await fleet.viewer.get<DossierView>('/api/nodes/ours');
  expect(body).toMatchObject({
    ...{ node: 'ours', tenant: 'us', simulated: false, decommissionedMs: null },
    assessment: { windowEndMs: T0 + 10 * MINUTE_MS },
    history: [{ windowEndMs: T0 + MINUTE_MS }],
    findings: [{ id: 'finding-ours', status: 'open' }],
    loss: [{ boot: 'b1', sent: 10, stored: 8, dead: 1, dropped: 0, inFlight: 1 }],
    entities: [
      { name: 'host', metrics: ['cpu_utilization_ratio', 'node_power_watts'], confidential: false },
      { name: 'gpu0', metrics: ['gpu_power_watts', 'gpu_confidential_compute_mode'], confidential: true },
    ],
  });
  const developers = await fleet.viewer.get<DossierView>('/api/nodes/lent');
  expect(developers.body.entities[1]).toMatchObject({ name: 'gpu0', confidential: false });
});

test('a series has every frame of a short time, and summaries where there are none', async () => {
  const { body } = await fleet.viewer.get<SeriesReply>(series);
  expect(body).toMatchObject({ detail: 'frame', fields: ['cpu_utilization_ratio', 'node_power_watts'] });
  expect(body.timesMs).toHaveLength(60);
  expect(body.values[0]?.slice(0, 2)).toEqual([0.5, 0.5]);
  expect(body.values[1]?.slice(0, 2)).toEqual([null, 400]);
  const gpu = series.replace(/entity=\w+&fields=[^&]+/, 'entity=gpu0&fields=gpu_power_watts');
  expect((await fleet.viewer.get<SeriesReply>(gpu)).body).toMatchObject({
    detail: 'summary',
    values: [Array.from({ length: 10 }, () => 300)],
  });
});

test('quality balances, and names what is dead, who is silent and whom nothing reaches', async () => {
  const { body } = await fleet.viewer.get<QualityView>('/api/quality');
  expect(body).toMatchObject({
    totals: { sent: 20, stored: 16, dead: 2, dropped: 0, inFlight: 2 },
    chains: 2,
    dead: [{ topic: 'frames', service: 'writer', reason: 'cut short – 1 byte', node: 'ours' }],
    channels: 1,
    silent: [],
  });
});

test('alerts come a page at a time', async () => {
  const first = (await fleet.viewer.get<AlertPage>('/api/alerts?limit=1')).body;
  const second = (await fleet.viewer.get<AlertPage>(`/api/alerts?limit=1&after=${first.next}`)).body;
  expect([...first.rows, ...second.rows].map(({ id }) => id).sort()).toEqual(
    Object.values(fleet.alerts).sort(),
  );
  expect(second.next).toBeNull();
});

test('alerts come the gravest first, or the newest where that is asked for', async () => {
  const take = (node: string, severity: Severity, openedMs: number) =>
    fleet.world.ledger.alerts.take(aFinding({ id: node, cause: node, node, severity, openedMs }));
  await take('later', 'low', T0 + 2);
  await take('grave', 'high', T0 + 1);
  const [high, low] = (await fleet.viewer.get<AlertPage>('/api/alerts')).body.rows
    .filter(({ cause }) => cause === 'grave' || cause === 'later')
    .map(({ severity }) => severity);
  expect([high, low]).toEqual(['high', 'low']);
  const newest = (await fleet.viewer.get<AlertPage>('/api/alerts?order=newest')).body.rows;
  expect(newest.map(({ openedMs }) => openedMs)).toEqual(
    newest.map(({ openedMs }) => openedMs).toSorted((a, b) => b - a),
  );
});

test('acts stand in the history under the name of who did them', async () => {
  const acts = `/api/alerts/${fleet.alerts.them}/acts`;
  const acknowledged = await fleet.operator.post<AlertDetail>(acts, { kind: 'acknowledge' });
  expect(acknowledged.body).toMatchObject({ alert: { state: 'acknowledged' } });
  expect(acknowledged.body.history.at(-1)).toMatchObject({
    by: 'operator-all',
    act: { kind: 'acknowledge' },
  });
  const assigned = await fleet.operator.post<AlertDetail>(acts, {
    kind: 'assign',
    assignee: 'viewer-all',
  });
  expect(assigned.body.alert.assignee).toBe('viewer-all');
  const nobody = await fleet.operator.post(acts, { kind: 'assign', assignee: 'nobody' });
  expect(nobody).toMatchObject({ status: 400, body: { message: expect.stringContaining('assignee') } });
});

test('an alert is assigned to those who see every alert and may log in', async () => {
  const names = async () => (await fleet.operator.get<string[]>('/api/people/assignable')).body;
  await fleet.admin.post('/api/people', { name: 'zoe', role: 'viewer', tenant: null });
  expect(await names()).toEqual(['admin-all', 'operator-all', 'viewer-all', 'zoe']);
  await fleet.admin.ask('PATCH', '/api/people/zoe', { role: 'tenant', tenant: 'us' });
  expect(await names()).not.toContain('zoe');
  await fleet.admin.ask('PATCH', '/api/people/zoe', { role: 'operator', tenant: null });
  expect(await names()).toContain('zoe');
  await fleet.admin.ask('PATCH', '/api/people/zoe', { disabled: true });
  expect(await names()).not.toContain('zoe');
});

test('an administrator does not lock themselves out', async () => {
  const path = '/api/people/admin-all';
  expect((await fleet.admin.ask('PATCH', path, { disabled: true })).status).toBe(409);
  expect((await fleet.admin.ask('PATCH', path, { role: 'viewer' })).status).toBe(409);
});

test('a node taken out of service is no longer on the board', async () => {
  const gone = await fleet.admin.post('/api/nodes/theirs/decommission', { reason: 'sold' });
  expect(gone.status).toBe(204);
  const { body } = await fleet.them.get<BoardView>('/api/board');
  expect(body.rows.map(({ node }) => node)).toEqual(['lent']);
  expect((await fleet.viewer.get<DossierView>('/api/nodes/theirs')).body.decommissionedMs).not.toBeNull();
});
