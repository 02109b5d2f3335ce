import type { z } from 'zod';
import type { AlertQuery } from '#libs/ledger/alert-port.ts';
import type { Act } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Person } from '#libs/model/person.ts';
import type { Desk } from '../desk.ts';
import { isTheirs } from '../fleet.ts';
import { type AlertDetail, act, alertDetail, alertPage, alertQuery } from './contract/alerts.ts';
import { problem } from './contract/problem.ts';
import { visitor } from './guard.ts';
import { isAssignable } from './people.ts';
import { notFound, Refusal } from './problem.ts';
import type { ApiServer } from './server.ts';
import { alertView, byId, tenantAsked } from './views.ts';

/** Of an alert's findings and nodes this many are told. */
const SHOWN = 200;

export function alertRoutes(server: ApiServer, desk: Desk): void {
  const { alerts, people } = desk.ledger;

  server.route({
    method: 'GET',
    url: '/api/alerts',
    schema: {
      summary: 'Alerts, the gravest or the newest first, a page at a time.',
      querystring: alertQuery,
      response: { 200: alertPage },
    },
    config: { caller: 'tenant' },
    handler: async (request) => {
      const { person } = visitor(request);
      const { rows, next } = await alerts.page(queryOf(person, request.query));
      return { rows: rows.map(alertView), next };
    },
  });

  server.route({
    method: 'GET',
    url: '/api/alerts/:id',
    schema: {
      summary: 'An alert with its findings, its history and who has been told.',
      params: byId,
      response: { 200: alertDetail, 404: problem },
    },
    config: { caller: 'tenant' },
    handler: (request) => detailOf(desk, visitor(request).person, request.params.id),
  });

  server.route({
    method: 'POST',
    url: '/api/alerts/:id/acts',
    schema: {
      summary: 'Do something to an alert, in your name.',
      params: byId,
      body: act,
      response: { 200: alertDetail, 404: problem, 409: problem },
    },
    config: { caller: 'operator' },
    handler: async (request) => {
      const { person } = visitor(request);
      const { id } = request.params;
      const asked = await checkedAct(request.body, desk.now(), async (name) => {
        const known = await people.find(name);
        return known !== null && isAssignable(known.person);
      });
      const { alert } = await alerts.act(id, asked, person.name, desk.now());
      desk.tell(alert);
      return await detailOf(desk, person, id);
    },
  });
}

function queryOf(person: Person, asked: z.output<typeof alertQuery>): AlertQuery {
  const { state, severity, site, assignee, order, after, limit } = asked;
  const tenant = tenantAsked(person, asked.tenant);
  return {
    limit,
    order,
    ...(state && { states: state }),
    ...(severity && { severities: severity }),
    ...(site !== undefined && { site }),
    ...(tenant !== undefined && { tenant }),
    ...(assignee !== undefined && { assignee }),
    ...(after !== undefined && { after }),
  };
}

async function checkedAct(
  body: z.output<typeof act>,
  nowMs: number,
  mayLookAfter: (name: string) => Promise<boolean>,
): Promise<Act> {
  if (body.kind === 'assign' && body.assignee !== null && !(await mayLookAfter(body.assignee))) {
    throw new Refusal(400, `body.assignee: expected one of /api/people/assignable, got ${body.assignee}`);
  }
  if (body.kind === 'silence' && body.untilMs <= nowMs) {
    throw new Refusal(400, 'body.untilMs: expected a time to come');
  }
  if (body.kind !== 'acknowledge') return body;
  return { kind: 'acknowledge', ...(body.reason !== undefined && { reason: body.reason }) };
}

async function detailOf({ ledger }: Desk, person: Person, id: string): Promise<AlertDetail> {
  const alert = await ledger.alerts.find(id);
  if (!alert || !isTheirs(person, alert)) throw notFound(`alert ${id}`);
  const [findings, history, deliveries] = await Promise.all([
    ledger.alerts.findings({ alert: id, newest: SHOWN }),
    ledger.alerts.history(id),
    // Addresses and errors of channels are the operators' matter.
    person.role === 'tenant' ? [] : ledger.outbox.deliveries({ alert: id }),
  ]);
  return {
    alert: alertView({ ...alert, nodeCount: alert.nodes.length }),
    nodes: alert.nodes.slice(0, SHOWN),
    findings: findings.map(findingView),
    findingCount: alert.findings.length,
    history: history.map((entry) => ({ ...entry })),
    deliveries: deliveries.map((delivery) => ({ ...delivery })),
  };
}

/** Lists of the model are read-only, those of the contract are not. */
export function findingView(finding: Finding): AlertDetail['findings'][number] {
  return structuredClone(finding) as AlertDetail['findings'][number];
}
