import type { Desk } from '../desk.ts';
import { type QualityView, quality } from './contract/quality.ts';
import type { ApiServer } from './server.ts';

const ROWS_SHOWN = 500;
const FAILING_SHOWN = 200;
/** Sums over every agent: made at most once in this time, however many ask. */
const FRESH_MS = 2_000;

export function qualityRoutes(server: ApiServer, desk: Desk): void {
  let made: { readonly atMs: number; readonly body: Promise<QualityView> } | null = null;
  server.route({
    method: 'GET',
    url: '/api/quality',
    schema: {
      summary: 'What became of every frame, what could not be read or told, and who is silent.',
      response: { 200: quality },
    },
    config: { caller: 'viewer' },
    handler: async () => {
      const nowMs = performance.now();
      if (made && nowMs - made.atMs < FRESH_MS) return await made.body;
      const body = gather(desk);
      made = { atMs: nowMs, body };
      body.catch(() => {
        made = null;
      });
      return await body;
    },
  });
}

async function gather(desk: Desk): Promise<QualityView> {
  const { custody, outbox, channels } = desk.ledger;
  const [{ chains, ...totals }, lossy, dead, failing, known] = await Promise.all([
    custody.totals(),
    custody.page({ losses: true, limit: ROWS_SHOWN }),
    desk.deadLetters.newest(),
    outbox.deliveries({ failing: true, limit: FAILING_SHOWN }),
    channels.list(),
  ]);
  const all = lossy.rows.length < ROWS_SHOWN ? await custody.page({ limit: ROWS_SHOWN }) : { rows: [] };
  const shown = new Set(lossy.rows.map(({ node, boot }) => `${node}/${boot}`));
  const others = all.rows.filter(({ node, boot }) => !shown.has(`${node}/${boot}`));
  return {
    totals,
    rows: [...lossy.rows, ...others].slice(0, ROWS_SHOWN).map((row) => ({ ...row })),
    chains,
    dead: dead.map((letter) => ({ ...letter })),
    failing: failing.map(({ notice, event, channel, createdMs, attempts, deliveredMs, lastError }) => ({
      ...{ notice, event, channel, createdMs, attempts, deliveredMs, lastError },
    })),
    channels: known.length,
    silent: silentNodes(desk),
  };
}

/** Those not heard now; the longest silent first. */
function silentNodes({ board, fleet }: Desk): QualityView['silent'] {
  const silent: QualityView['silent'] = [];
  for (const { node, site } of fleet.nodes.values()) {
    const standing = board.standing(node);
    if (!standing || standing.heartbeat === 'present') continue;
    silent.push({ node, site, heartbeat: standing.heartbeat, lastMs: standing.heardMs });
  }
  return silent.sort((a, b) => (a.lastMs ?? 0) - (b.lastMs ?? 0));
}
