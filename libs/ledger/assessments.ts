import { type Selectable, sql } from 'kysely';
import type { Assessment } from '#libs/model/assessment.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import type { AssessmentRegister, Verdict } from './assessment-port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

/** Rows a statement: at eight parameters each below SQLite's 32,766. */
const ROWS_A_STATEMENT = 1_000;
const NODES_A_QUERY = 5_000;

const VERDICT = ['node', 'windowEndMs', 'behaviour', 'conformity', 'grade', 'heartbeat'] as const;

export function assessmentRegister(db: LedgerDatabase): AssessmentRegister {
  return {
    async keep(assessments) {
      for (const some of slices(assessments, ROWS_A_STATEMENT)) {
        await db
          .insertInto('assessment')
          .values(some.map(toRow))
          .onConflict((conflict) => conflict.columns(['node', 'windowEndMs', 'revision']).doNothing())
          .execute();
      }
    },
    async newest(nodes) {
      const found: Verdict[] = [];
      for (const some of slices(nodes, NODES_A_QUERY)) found.push(...(await newestOf(db, some)));
      return found;
    },
    async verdicts(fromMs, toMs) {
      const rows = await db
        .selectFrom('assessment')
        .select(VERDICT)
        .where('windowEndMs', '>=', fromMs)
        .where('windowEndMs', '<', toMs)
        .orderBy('windowEndMs')
        .orderBy('node')
        .orderBy('revision')
        .execute();
      return rows as readonly Verdict[];
    },
    async list(node, { beforeMs, limit }) {
      const rows = await db
        .selectFrom('assessment')
        .select('body')
        .where('node', '=', node)
        .where('windowEndMs', '<', beforeMs)
        .orderBy('windowEndMs', 'desc')
        .orderBy('revision', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as Assessment);
    },
    async prune(beforeMs) {
      // Revisions are hashes: as text they stand nowhere in a finding but where it rests on them.
      await sql`
        delete from assessment where window_end_ms < ${beforeMs} and not exists (
          select 1 from finding where finding.node = assessment.node
          and finding.body like '%"' || assessment.revision || '"%')`.execute(db);
    },
  };
}

/** The part of an assessment that a board shows. */
export function verdictOf(assessment: Assessment): Verdict {
  const { node, windowEndMs, behaviours, conformity, grade, heartbeat } = assessment;
  return { node, windowEndMs, behaviour: mostLikely(behaviours), conformity, grade, heartbeat };
}

/** Of one window end with several revisions the greatest, so that everybody names the same. */
async function newestOf(db: LedgerDatabase, nodes: readonly string[]): Promise<readonly Verdict[]> {
  const rows = await db
    .selectFrom('assessment')
    .select(VERDICT)
    .where('node', 'in', nodes)
    .where('windowEndMs', '=', ({ selectFrom, ref }) =>
      selectFrom('assessment as other')
        .select(({ fn }) => fn.max('other.windowEndMs').as('newest'))
        .whereRef('other.node', '=', ref('assessment.node')),
    )
    .orderBy('revision')
    .execute();
  return [...new Map(rows.map((row) => [row.node, row as Verdict])).values()];
}

function toRow(assessment: Assessment): Selectable<LedgerTables['assessment']> {
  const { revision } = assessment;
  return { ...verdictOf(assessment), revision, body: JSON.stringify(assessment) };
}

function* slices<T>(items: readonly T[], length: number): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += length) yield items.slice(at, at + length);
}
