import { Command, Option } from 'commander';
import { SEASONS, type Season } from '#libs/detect/anomaly/season.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { SIGHTS, type Sight } from '#libs/traces/evasion/strip.ts';
import type { TraceLevel } from '#libs/traces/recording/columns.ts';
import { type EvasionOptions, evaluateEvasion } from '../evaluate/evasion/command.ts';
import { assertApart, seriesFiles } from '../evaluate/series/files.ts';
import { type ScoredFile, scoreFile } from '../evaluate/series/score.ts';
import { evaluateTraces, type TracesOptions } from '../evaluate/traces/command.ts';
import { wholeNumber } from '../options.ts';
import { progress, show, table } from '../output.ts';

interface Options
  extends Partial<Omit<TracesOptions, 'json' | 'level' | 'runs'>>,
    Omit<EvasionOptions, 'json' | 'report'> {
  readonly evasion?: boolean;
  readonly series?: string;
  readonly out?: string;
  readonly season: Season;
  readonly label?: 'last';
  readonly json?: boolean | string;
  readonly runs: number;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'score series of any origin by their deviation from their own past, or the detector on recorded traces with labels',
    )
    .option(
      '--series <folder>',
      '.csv or .csv.gz files: a header with `timestamp` and values, or rows a minute apart',
    )
    .option(
      '--out <folder>',
      'where a CSV of the same path with an `anomaly_score` in 0..1 is written for each',
    )
    .addOption(
      new Option('--season <cycle>', 'learn the hours of a day, or of working days and weekends')
        .choices(SEASONS)
        .default('week'),
    )
    .addOption(new Option('--label <column>', 'withhold this column from the detector').choices(['last']))
    .option('--traces <folder>', 'a directory of labelled traces: a traces.json and gzipped CSV files')
    .addOption(
      new Option(
        '--level <level>',
        'traces as a poorer agent would have sent them; evasion: one level alone',
      ).choices(SIGHTS),
    )
    .option('--evasion', 'simulated mining that hides in every known way: what is found, and how much is not')
    .option('--family <name>', 'evasion: one proof-of-work family alone')
    .option('--days <count>', 'evasion: days that a run lasts', wholeNumber(1, 28), 7)
    .option('--seed <number>', 'evasion: of all that is random', wholeNumber(0, 1_000_000), 1)
    .option('--quick', 'evasion: fewer runs, for the change from one version to the next')
    .option('--threads <count>', 'evasion: worker threads; default: one a processor', wholeNumber(1, 64))
    .option('--report <file>', 'traces, evasion: write a page with plots, without outside resources')
    .option('--runs <count>', 'traces: simulated runs of each family', wholeNumber(1, 1_000), 60)
    .option(
      '--json [file]',
      'series: print a JSON array, one entry a file; traces, evasion: write what was measured to a file',
    )
    .addHelpText(
      'after',
      '\nSeries: at 0.5 and above an alert opens, once an episode; below, the score ranks.',
    )
    .action(run);
}

async function run({ series, out, traces, evasion, json, ...options }: Options): Promise<void> {
  if (evasion && series === undefined && traces === undefined) {
    await evaluateEvasion({ ...options, ...(typeof json === 'string' ? { json } : {}) });
    return;
  }
  if (traces !== undefined && series === undefined) {
    const { level, ...rest } = options;
    await evaluateTraces({
      ...rest,
      traces,
      ...traceLevel(level),
      ...(typeof json === 'string' ? { json } : {}),
    });
    return;
  }
  if (series === undefined || out === undefined || traces !== undefined)
    throw new ConfigError('evaluate: expected --series with --out, or --traces, or --evasion');
  show(json !== undefined, await evaluate({ ...options, series, out }), render);
}

/** A recorded trace is read as far as its level goes: what its network carried is a trace of its own. */
function traceLevel(level: Sight | undefined): { readonly level?: TraceLevel } {
  if (level === undefined) return {};
  return { level: level === 'L3+N' ? 'L3' : level };
}

async function evaluate({
  series,
  out,
  season,
  label,
}: Options & { readonly series: string; readonly out: string }): Promise<readonly ScoredFile[]> {
  assertApart(series, out);
  const files = await seriesFiles(series);
  const bar = progress(
    'scoring',
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const scored: ScoredFile[] = [];
  try {
    for (const { name, bytes } of files) {
      scored.push(await scoreFile(series, out, name, { season, label: label ?? 'none' }));
      bar.step(bytes);
    }
  } finally {
    bar.end();
  }
  return scored;
}

function render(files: readonly ScoredFile[]): string {
  const rows = files.map((f) => [f.name, f.rows, f.columns, f.alerts, f.unreadable, f.stateBytes]);
  return table(['series', 'rows', 'columns', 'alerts', 'unreadable cells', 'bytes of state'], rows);
}
