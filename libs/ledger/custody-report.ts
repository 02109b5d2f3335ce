import { type Selectable, sql } from 'kysely';
import type { SequenceRun } from '#libs/model/frame.ts';
import { NotFoundError } from '#libs/runtime/errors.ts';
import type { Page } from './alert-port.ts';
import type { CustodyQuery, Fate, LossRow, LossTotals } from './port.ts';
import { countRuns, mergeRuns } from './runs.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

type RunRow = Selectable<LedgerTables['run']>;
type ChainRow = Selectable<LedgerTables['chain']>;

export async function balance(db: LedgerDatabase): Promise<LossRow[]> {
  const chains = await db.selectFrom('chain').selectAll().orderBy('node').orderBy('boot').execute();
  return lossRows(chains, await db.selectFrom('run').selectAll().execute());
}

export async function page(db: LedgerDatabase, query: CustodyQuery): Promise<Page<LossRow>> {
  const { node, losses, after, limit } = query;
  let all = db.selectFrom('chain').selectAll().orderBy('node').orderBy('boot');
  if (node !== undefined) all = all.where('node', '=', node);
  if (losses) {
    const lost = db.selectFrom('run').select('chain').where('fate', 'in', ['dead', 'dropped']);
    all = all.where('id', 'in', lost);
  }
  if (after !== undefined) {
    const last = placeOf(after);
    all = all.where((eb) => eb(eb.refTuple('node', 'boot'), '>', eb.tuple(...last)));
  }
  const chains = await all.limit(limit + 1).execute();
  const shown = chains.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: lossRows(shown, await runsOf(db, shown)),
    next: chains.length > limit && last ? last.id : null,
  };
}

/** Rows of chains that have lost frames, read at once. */
const LOSSES = 500;

/** Only chains with frames dead or dropped are read; of all others the database adds up what is stored. */
export async function totals(db: LedgerDatabase): Promise<LossTotals & { readonly chains: number }> {
  const { chains, sent } = await db
    .selectFrom('chain')
    .select(({ fn }) => [fn.countAll<number>().as('chains'), sumOf(sql.ref('sent')).as('sent')])
    .executeTakeFirstOrThrow();
  const { stored } = await db
    .selectFrom('run')
    .select(sumOf(sql`to_seq - from_seq + 1`).as('stored'))
    .where('fate', '=', 'stored')
    .executeTakeFirstOrThrow();
  const { dead, dropped } = await lost(db);
  return { chains, sent, stored, dead, dropped, inFlight: Math.max(0, sent - stored - dead - dropped) };
}

async function lost(db: LedgerDatabase): Promise<{ dead: number; dropped: number }> {
  const sum = { dead: 0, dropped: 0 };
  for (let after: string | null | undefined; after !== null; ) {
    const { rows, next }: Page<LossRow> = await page(db, {
      losses: true,
      limit: LOSSES,
      ...(after === undefined ? {} : { after }),
    });
    for (const { dead, dropped } of rows) {
      sum.dead += dead;
      sum.dropped += dropped;
    }
    after = next;
  }
  return sum;
}

/** As doubles, exact below 2^53: a sum of integers fails beyond 2^63, and absurd numbers may have been stored. */
const sumOf = (expression: ReturnType<typeof sql>) =>
  sql<number>`coalesce(sum(cast(${expression} as double precision)), 0)`;

async function runsOf(db: LedgerDatabase, chains: readonly ChainRow[]): Promise<RunRow[]> {
  if (chains.length === 0) return [];
  const ids = chains.map(({ id }) => id);
  return await db.selectFrom('run').selectAll().where('chain', 'in', ids).execute();
}

/** A chain's id names its node and boot. */
function placeOf(cursor: string): [node: string, boot: string] {
  const place = /^\["/.test(cursor) ? (JSON.parse(cursor) as unknown[]) : [];
  const [node, boot] = place;
  if (typeof node === 'string' && typeof boot === 'string') return [node, boot];
  throw new NotFoundError(`after: expected the next of a former page, got ${cursor.slice(0, 40)}`);
}

function lossRows(chains: readonly ChainRow[], runs: readonly RunRow[]): LossRow[] {
  const byChain = Map.groupBy(runs, ({ chain }) => chain);
  return chains.map((chain) => lossRow(chain, byChain.get(chain.id) ?? []));
}

/** Stored outweighs dead (it was re-driven), and dead outweighs dropped, so that the fates add up. */
function lossRow({ node, boot, sent }: ChainRow, runs: readonly RunRow[]): LossRow {
  const ofFate = (...fates: Fate[]) =>
    countRuns(mergeRuns(runs.filter((run) => fates.includes(run.fate as Fate)).map(toRun)));
  const stored = ofFate('stored');
  const storedOrDead = ofFate('stored', 'dead');
  const settled = ofFate('stored', 'dead', 'dropped');
  return {
    node,
    boot,
    sent,
    stored,
    dead: storedOrDead - stored,
    dropped: settled - storedOrDead,
    inFlight: sent - settled,
  };
}

const toRun = ({ fromSeq, toSeq }: RunRow): SequenceRun => ({ from: fromSeq, to: toSeq });
