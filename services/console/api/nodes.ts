import { z } from 'zod';
import type { NodeRecord } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { ENTITY_KINDS, LAYOUTS, METRICS } from '#libs/model/catalogue.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Person } from '#libs/model/person.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { Measurement } from '#libs/series/port.ts';
import type { Desk } from '../desk.ts';
import { containsWindow, isTheirs, type Period } from '../fleet.ts';
import { findingView } from './alerts.ts';
import { type DossierView, dossier } from './contract/node.ts';
import { problem } from './contract/problem.ts';
import { visitor } from './guard.ts';
import { notFound } from './problem.ts';
import { type ApiServer, nothing } from './server.ts';
import { byNode } from './views.ts';

const HISTORY_SHOWN = 200;
const FINDINGS_SHOWN = 200;
const BOOTS_SHOWN = 50;
/** How far back from its newest window a node's metrics are looked for. */
const SUMMARY_LOOK_MS = 15 * 60_000;
const FRAME_LOOK_MS = 2 * 60_000;

export function nodeRoutes(server: ApiServer, desk: Desk): void {
  server.route({
    method: 'GET',
    url: '/api/nodes/:node',
    schema: {
      summary: 'All that is known of a node.',
      params: byNode,
      response: { 200: dossier, 404: problem },
    },
    config: { caller: 'tenant' },
    handler: async (request) => {
      const { person } = visitor(request);
      const seen = await sight(desk, person, request.params.node);
      return await dossierOf(desk, person, seen);
    },
  });

  server.route({
    method: 'POST',
    url: '/api/nodes/:node/decommission',
    schema: {
      summary: 'Take a node out of service: the fleet no longer shows it.',
      params: byNode,
      body: z.strictObject({ reason: z.string().trim().min(1).max(2_000) }),
      response: { 204: nothing, 404: problem },
    },
    config: { caller: 'admin' },
    handler: async (request, reply) => {
      const { node } = request.params;
      const by = visitor(request).person.name;
      await desk.ledger.nodes.decommission(node, desk.now(), by, request.body.reason);
      await desk.fleet.refresh();
      return reply.code(204).send(null);
    },
  });
}

export interface Sight {
  readonly record: NodeRecord;
  /** What the person may see of it; never empty. */
  readonly visible: readonly Period[];
}

/** @throws Refusal 404 when it does not exist, or not for this person. */
export async function sight({ ledger, fleet }: Desk, person: Person, node: string): Promise<Sight> {
  const record = fleet.nodes.get(node) ?? (await ledger.nodes.find(node));
  const visible = record ? fleet.visible(person, record) : [];
  if (!record || visible.length === 0) throw notFound(`node ${node}`);
  return { record, visible };
}

async function dossierOf(desk: Desk, person: Person, seen: Sight): Promise<DossierView> {
  const { record, visible } = seen;
  const { node, site, hardware, enrolled, firstSeenMs, decommissionedMs } = record;
  const isSeen = ({ windowEndMs }: Assessment) => containsWindow(visible, windowEndMs);
  // Losses bear no time: they are told to those whose the node has been from its first frame until now.
  const seesAll = visible.some(({ fromMs, toMs }) => fromMs <= firstSeenMs && desk.clockMs < toMs);
  const [kept, findings, loss, entities] = await Promise.all([
    desk.ledger.assessments.list(node, { beforeMs: Number.MAX_SAFE_INTEGER, limit: HISTORY_SHOWN }),
    desk.ledger.alerts.findings({ node, newest: FINDINGS_SHOWN }),
    seesAll ? desk.ledger.custody.page({ node, limit: BOOTS_SHOWN }) : { rows: [] },
    entitiesOf(desk, seen),
  ]);
  const history = kept.filter(isSeen);
  const newest = [desk.tail.newest(node), ...history].find((one) => one !== null && isSeen(one));
  return {
    ...{ node, site, hardware, enrolled, firstSeenMs, decommissionedMs },
    tenant: person.role === 'tenant' ? person.tenant : desk.fleet.tenantOf(record, desk.clockMs),
    simulated: isSimulated(site),
    assessment: newest ? assessmentView(newest, visible) : null,
    history: history.map((one) => assessmentView(one, visible)),
    findings: findings.filter((finding) => isTheirs(person, finding)).map(findingView),
    declarations: desk.fleet
      .declarations(node)
      .filter((declaration) => isTheirs(person, declaration))
      .toReversed()
      .map(declarationView),
    loss: loss.rows.map((row) => ({ ...row })),
    entities,
  };
}

/** Shares of hours that may not be seen are left out. */
function assessmentView(
  { shares, ...assessment }: Assessment,
  visible: readonly Period[],
): NonNullable<DossierView['assessment']> {
  const { windowEndMs } = assessment;
  const isSeen =
    shares !== undefined &&
    visible.some(({ fromMs, toMs }) => fromMs <= shares.fromMs && windowEndMs <= toMs);
  return structuredClone({ ...assessment, ...(isSeen ? { shares } : {}) }) as NonNullable<
    DossierView['assessment']
  >;
}

function declarationView(declaration: Declaration): DossierView['declarations'][number] {
  const { nodes: _, ...shown } = structuredClone(declaration);
  return shown as DossierView['declarations'][number];
}

const METRIC_NAMES = [...METRICS.keys()];
const MODE = METRIC_NAMES.indexOf('gpu_confidential_compute_mode');
/** Value of the mode in which the driver hides its counters; in that for developers (2) it shows them. */
const MODE_ON = 1;

/** What an entity has lately sent. */
interface Sent {
  readonly metrics: Set<string>;
  /** The newest value of its confidential-computing mode. */
  mode: { readonly timeMs: number; readonly value: number };
}

/** The entities that have lately sent values, with the metrics that they sent: of summaries, and of frames. */
async function entitiesOf(desk: Desk, { record, visible }: Sight): Promise<DossierView['entities']> {
  const newestMs = desk.board.standing(record.node)?.heardMs ?? desk.clockMs;
  const found = new Map<string, Sent>();
  await Promise.all(
    (
      [
        ['summary', SUMMARY_LOOK_MS],
        ['frame', FRAME_LOOK_MS],
      ] as const
    ).map(async ([measurement, lookMs]) => {
      const toMs = newestMs + FRAME_LOOK_MS;
      await gather(desk, found, measurement, scopesIn(record.node, visible, newestMs - lookMs, toMs));
    }),
  );
  const names = [...found.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  // The host first.
  const hostFirst = names.toSorted((a, b) => Number(b === 'host') - Number(a === 'host'));
  return hostFirst.map((name) => ({
    name,
    metrics: METRIC_NAMES.filter((metric) => found.get(name)?.metrics.has(metric)),
    confidential: found.get(name)?.mode.value === MODE_ON,
  }));
}

async function gather(
  { series }: Desk,
  found: Map<string, Sent>,
  measurement: Measurement,
  scopes: readonly { node: string; fromMs: number; toMs: number }[],
): Promise<void> {
  const points = await series.read({ measurement, scopes, fields: METRIC_NAMES });
  for (const { entity, timeMs, values } of points) {
    if (!isEntity(entity)) continue;
    const sent = found.get(entity) ?? { metrics: new Set<string>(), mode: { timeMs: 0, value: Number.NaN } };
    found.set(entity, sent);
    const mode = values[MODE] ?? Number.NaN;
    if (!Number.isNaN(mode) && timeMs >= sent.mode.timeMs) sent.mode = { timeMs, value: mode };
    for (let i = 0; i < METRIC_NAMES.length; i++) {
      const name = METRIC_NAMES[i];
      if (name !== undefined && !Number.isNaN(values[i])) sent.metrics.add(name);
    }
  }
}

/** The parts of a time that may be seen, as scopes of the series port. */
export function scopesIn(node: string, visible: readonly Period[], fromMs: number, toMs: number) {
  return visible.flatMap((interval) => {
    const scope = { node, fromMs: Math.max(fromMs, interval.fromMs), toMs: Math.min(toMs, interval.toMs) };
    return scope.fromMs < scope.toMs ? [scope] : [];
  });
}

function isEntity(name: string): boolean {
  return ENTITY_KINDS.some((kind) => (kind === 'host' ? name === kind : name.startsWith(kind)));
}

/** Columns of the catalogue that an entity may have. */
export function columnsOf(entity: string): ReadonlySet<string> {
  const { gauges, counters } = LAYOUTS[entity === 'host' ? 'host' : 'gpu'];
  return new Set([...gauges, ...counters].map(({ name }) => name));
}
