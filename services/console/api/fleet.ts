import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { METRICS } from '#libs/model/catalogue.ts';
import type { Person } from '#libs/model/person.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { NodeStanding } from '../board.ts';
import type { Desk } from '../desk.ts';
import { containsWindow, isTheirs, type Period } from '../fleet.ts';
import {
  type BoardRow,
  type BoardView,
  board,
  boardQuery,
  type OverviewView,
  overview,
  SPANS,
  type Span,
} from './contract/fleet.ts';
import { metricInfo } from './contract/node.ts';
import { visitor } from './guard.ts';
import type { ApiServer } from './server.ts';

const compress = promisify(gzip);
/** The whole board is made at most once in this time, however many ask. */
const FRESH_MS = 1_000;

export function fleetRoutes(server: ApiServer, desk: Desk): void {
  const boards = new SharedBoards(desk);

  server.route({
    method: 'GET',
    url: '/api/overview',
    schema: { summary: 'The fleet in numbers.', response: { 200: overview } },
    config: { caller: 'tenant' },
    handler: (request) => overviewFor(desk, visitor(request).person),
  });

  server.route({
    method: 'GET',
    url: '/api/board',
    schema: {
      summary: 'Every node with its strips over an hour, a day or a week of event time.',
      querystring: boardQuery,
      response: { 200: board },
    },
    config: { caller: 'tenant' },
    handler: async (request, reply) => {
      const { person } = visitor(request);
      const { span } = request.query;
      if (person.role === 'tenant') return boardFor(desk, person, span);
      return sendCompressed(request, reply, await boards.get(person, span));
    },
  });

  server.route({
    method: 'GET',
    url: '/api/metrics',
    schema: { summary: 'The metric catalogue.', response: { 200: z.array(metricInfo) } },
    config: { caller: 'tenant' },
    handler: () =>
      [...METRICS.values()].map(({ name, unit, source, texture }) => ({ name, unit, source, texture })),
  });
}

/** Nodes that the person sees at present, by site and name. */
export function boardFor(desk: Desk, person: Person, span: Span): BoardView {
  const { cellMs, cells } = SPANS[span];
  const clockMs = desk.clockMs;
  const toMs = desk.board.endMs(span, clockMs);
  const rows: BoardRow[] = [];
  for (const record of desk.fleet.nodes.values()) {
    const visible = desk.fleet.visible(person, record);
    if (!desk.fleet.sees(person, record, clockMs)) continue;
    const { node, site, hardware } = record;
    const standing = standingIn(desk, node, visible);
    rows.push({
      node,
      site,
      tenant: desk.fleet.tenantOf(record, clockMs),
      hardware,
      simulated: isSimulated(site),
      heartbeat: standing?.heartbeat ?? null,
      lastMs: standing?.heardMs ?? null,
      severity: desk.findings.severity(node, (finding) => isTheirs(person, finding)),
      now: desk.board.now(node, visible),
      ...desk.board.strips(node, span, toMs, visible),
    });
  }
  rows.sort((a, b) => order(a.site, b.site) || order(a.node, b.node));
  return { toMs, cellMs, cells, rows };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Where a node stands, as far as it lies within these: a former tenant's newest window says nothing of the next. */
function standingIn({ board }: Desk, node: string, visible: readonly Period[]): NodeStanding | null {
  const standing = board.standing(node);
  if (!standing || !containsWindow(visible, standing.windowEndMs)) return null;
  const { heardMs } = standing;
  return { ...standing, heardMs: heardMs !== null && containsWindow(visible, heardMs) ? heardMs : null };
}

function overviewFor(desk: Desk, person: Person): OverviewView {
  const counts = {
    heartbeats: new Tally<keyof OverviewView['heartbeats']>(),
    conformities: new Tally<keyof OverviewView['conformities']>(),
    grades: new Tally<keyof OverviewView['grades']>(),
    behaviours: new Tally<keyof OverviewView['behaviours']>(),
    alerts: new Tally<keyof OverviewView['alerts']>(),
    findings: new Tally<keyof OverviewView['findings']>(),
  };
  let nodes = 0;
  for (const record of desk.fleet.nodes.values()) {
    if (!desk.fleet.sees(person, record, desk.clockMs)) continue;
    nodes++;
    const standing = standingIn(desk, record.node, desk.fleet.visible(person, record));
    if (!standing) continue;
    counts.heartbeats.add(standing.heartbeat);
    counts.conformities.add(standing.conformity);
    counts.grades.add(standing.grade);
    counts.behaviours.add(standing.behaviour);
  }
  for (const alert of desk.alerts.ongoing()) if (isTheirs(person, alert)) counts.alerts.add(alert.state);
  for (const finding of desk.findings.all()) if (isTheirs(person, finding)) counts.findings.add(finding.kind);
  return {
    timeMs: desk.clockMs,
    nodes,
    heartbeats: counts.heartbeats.counts,
    conformities: counts.conformities.counts,
    grades: counts.grades.counts,
    behaviours: counts.behaviours.counts,
    alerts: counts.alerts.counts,
    findings: counts.findings.counts,
  };
}

class Tally<Word extends string> {
  readonly counts: Partial<Record<Word, number>> = {};

  add(word: Word): void {
    this.counts[word] = (this.counts[word] ?? 0) + 1;
  }
}

interface Shared {
  readonly madeMs: number;
  readonly body: Promise<Compressed>;
}

interface Compressed {
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

/** The boards of those who see all, made once for all of them. */
class SharedBoards {
  readonly #desk: Desk;
  readonly #made = new Map<Span, Shared>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  get(person: Person, span: Span): Promise<Compressed> {
    const known = this.#made.get(span);
    const nowMs = performance.now();
    if (known && nowMs - known.madeMs < FRESH_MS) return known.body;
    const body = compressed(boardFor(this.#desk, person, span));
    this.#made.set(span, { madeMs: nowMs, body });
    return body;
  }
}

/** The lowest level: rows are alike, and the time of the answer counts. */
async function compressed(data: unknown): Promise<Compressed> {
  const plain = Buffer.from(JSON.stringify(data));
  return { plain, gzip: await compress(plain, { level: constants.Z_BEST_SPEED }) };
}

function sendCompressed(
  request: FastifyRequest,
  reply: FastifyReply,
  { plain, gzip }: Compressed,
): FastifyReply {
  reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  return takesGzip ? reply.header('content-encoding', 'gzip').send(gzip) : reply.send(plain);
}
