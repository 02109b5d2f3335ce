import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { SequenceRun } from '#libs/model/frame.ts';
import { balance, page, totals } from './custody-report.ts';
import type { Custody, CustodyEntry } from './port.ts';
import { mergeRuns } from './runs.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

/** Runs a transaction: at four parameters each far below SQLite's 32,766 a statement. */
const BATCH = 1_000;

export function custody(db: LedgerDatabase): Custody {
  return {
    async account(entries) {
      const news = sortedRuns(entries);
      for (let at = 0; at < news.length; at += BATCH) {
        const batch = news.slice(at, at + BATCH);
        await transact(db, (transaction) => unite(transaction, batch));
      }
    },
    balance: () => balance(db),
    page: (query) => page(db, query),
    totals: () => totals(db),
  };
}

/** A run of one fate of one boot, as a row of the table. */
type Run = Selectable<LedgerTables['run']> & Pick<CustodyEntry, 'node' | 'boot'>;

/** United within the call, and sorted: two writers lock the same chains in the same order. */
function sortedRuns(entries: readonly CustodyEntry[]): Run[] {
  const valid = entries.filter(({ from, to }) => from <= to);
  const byLine = Map.groupBy(valid, ({ node, boot, fate }) => JSON.stringify([node, boot, fate]));
  const runs = [...byLine.values()].flatMap(([first, ...rest]) => {
    if (!first) return [];
    const { node, boot, fate } = first;
    const chain = JSON.stringify([node, boot]);
    return mergeRuns([first, ...rest]).map(({ from, to }) => ({
      chain,
      node,
      boot,
      fate,
      fromSeq: from,
      toSeq: to,
    }));
  });
  return runs.sort((a, b) => (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : a.toSeq - b.toSeq));
}

/** Replaces the runs that the new ones overlap or touch by their union. */
async function unite(db: LedgerDatabase, news: readonly Run[]): Promise<void> {
  await lockChains(db, news);
  const touched = await touchedRuns(db, news);
  const united = unionOf([...touched, ...news]);
  const kept = new Set(touched.map(keyOf));
  const inserts = united.filter((run) => !kept.has(keyOf(run)));
  if (inserts.length === 0) return;
  const remain = new Set(united.map(keyOf));
  const deletes = touched.filter((run) => !remain.has(keyOf(run)));
  if (deletes.length > 0) await deleteRuns(db, deletes);
  await db.insertInto('run').values(inserts).execute();
}

/** Writing to a chain's row first makes writers of the same chain wait for each other. */
async function lockChains(db: LedgerDatabase, news: readonly Run[]): Promise<void> {
  const chains = Map.groupBy(news, ({ chain }) => chain);
  const rows = [...chains].flatMap(([id, [first, ...rest]]) =>
    first
      ? [
          {
            id,
            node: first.node,
            boot: first.boot,
            sent: Math.max(first.toSeq, ...rest.map((run) => run.toSeq)),
          },
        ]
      : [],
  );
  await db
    .insertInto('chain')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        sent: sql`case when excluded.sent > chain.sent then excluded.sent else chain.sent end`,
      }),
    )
    .execute();
}

async function touchedRuns(db: LedgerDatabase, news: readonly Run[]): Promise<RunRow[]> {
  const values = tuples(news, ({ chain, fate, fromSeq, toSeq }) => [
    sql`cast(${chain} as text)`,
    sql`cast(${fate} as text)`,
    sql`cast(${fromSeq} as bigint)`,
    sql`cast(${toSeq} as bigint)`,
  ]);
  const { rows } = await sql<RunRow>`
    with added (chain, fate, from_seq, to_seq) as (values ${values})
    select distinct run.chain, run.fate, run.from_seq, run.to_seq from added join run
      on run.chain = added.chain and run.fate = added.fate
      and run.to_seq >= added.from_seq - 1 and run.from_seq <= added.to_seq + 1`.execute(db);
  return rows;
}

async function deleteRuns(db: LedgerDatabase, runs: readonly RunRow[]): Promise<void> {
  const keys = tuples(runs, ({ chain, fate, toSeq }) => [
    sql`cast(${chain} as text)`,
    sql`cast(${fate} as text)`,
    sql`cast(${toSeq} as bigint)`,
  ]);
  await sql`delete from run where (chain, fate, to_seq) in (values ${keys})`.execute(db);
}

type RunRow = Selectable<LedgerTables['run']>;

const keyOf = ({ chain, fate, fromSeq, toSeq }: RunRow): string => `${chain}/${fate}/${fromSeq}-${toSeq}`;

function unionOf(runs: readonly RunRow[]): RunRow[] {
  const lines = Map.groupBy(runs, ({ chain, fate }) => `${chain}/${fate}`);
  return [...lines.values()].flatMap(([first, ...rest]) => {
    if (!first) return [];
    const { chain, fate } = first;
    const merged = mergeRuns([first, ...rest].map(toRun));
    return merged.map(({ from, to }) => ({ chain, fate, fromSeq: from, toSeq: to }));
  });
}

function tuples<T>(items: readonly T[], columns: (item: T) => RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join(items.map((item) => sql`(${sql.join(columns(item))})`));
}

const toRun = ({ fromSeq, toSeq }: RunRow): SequenceRun => ({ from: fromSeq, to: toSeq });
