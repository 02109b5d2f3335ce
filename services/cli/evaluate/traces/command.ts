import { writeFile } from 'node:fs/promises';
import type { TraceLevel } from '#libs/traces/recording/columns.ts';
import { progress, table } from '../../output.ts';
import { type Evaluation, evaluateDirectory } from './evaluation.ts';
import { reportOf } from './report.ts';

export interface TracesOptions {
  readonly traces: string;
  readonly json?: string;
  readonly level?: TraceLevel;
  readonly report?: string;
  readonly runs: number;
}

/** `davylamp evaluate --traces`: a table on the screen; JSON and a page where files are named. @throws NotFoundError */
export async function evaluateTraces({ traces, json, level, report, runs }: TracesOptions): Promise<void> {
  const bar = progress('evaluating', 100);
  let shown = 0;
  const evaluation = await evaluateDirectory(traces, {
    ...(level ? { level } : {}),
    runs,
    progress: (done, of) => {
      const now = Math.floor((100 * done) / of);
      bar.step(now - shown);
      shown = now;
    },
  }).finally(() => bar.end());
  const results = evaluation.traces.map(({ result }) => result);
  if (json) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
  if (report) await writeFile(report, reportOf(evaluation));
  process.stdout.write(`${render(evaluation)}\n`);
}

function render({ traces, skipped, sections }: Evaluation): string {
  const rows = traces.flatMap(({ result }) =>
    Object.entries(result.labels).map(([label, one]) => [
      result.id,
      result.level,
      label,
      one.windows,
      one.flagged,
      one.unknown,
      one.cannotTell,
      one.changed,
      Object.entries(one.behaviours)
        .map(([behaviour, windows]) => `${behaviour} ${windows}`)
        .join(', '),
      result.timeToFindingSeconds ?? '–',
    ]),
  );
  const head = [
    'trace',
    'level',
    'label',
    'windows',
    'flagged',
    'unknown',
    'cannot tell',
    'changed',
    'likeliest',
    'finding after s',
  ];
  return [
    table(head, rows),
    ...sections.map(
      ({ title, note, head: columns, rows: own }) => `${title}\n${note}\n${table(columns, own)}`,
    ),
    `Skipped:\n${table(
      ['trace', 'why'],
      skipped.map(({ id, why }) => [id, why]),
    )}`,
  ].join('\n\n');
}
