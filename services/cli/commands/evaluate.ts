import { Command, Option } from 'commander';
import { SEASONS, type Season } from '#libs/detect/anomaly/season.ts';
import { assertApart, seriesFiles } from '../evaluate/series/files.ts';
import { type ScoredFile, scoreFile } from '../evaluate/series/score.ts';
import { progress, show, table } from '../output.ts';

interface Options {
  readonly series: string;
  readonly out: string;
  readonly season: Season;
  readonly label?: 'last';
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('score series of any origin by their deviation from their own past, row by row as if live')
    .requiredOption(
      '--series <folder>',
      '.csv or .csv.gz files: a header with `timestamp` and values, or rows a minute apart',
    )
    .requiredOption(
      '--out <folder>',
      'where a CSV of the same path with an `anomaly_score` in 0..1 is written for each',
    )
    .addOption(
      new Option('--season <cycle>', 'learn the hours of a day, or of working days and weekends')
        .choices(SEASONS)
        .default('week'),
    )
    .addOption(new Option('--label <column>', 'withhold this column from the detector').choices(['last']))
    .option('--json', 'print a JSON array, one entry a file')
    .addHelpText('after', '\nAt 0.5 and above an alert opens, once an episode; below, the score ranks.')
    .action(async (options: Options) => show(options.json, await evaluate(options), render));
}

async function evaluate({ series, out, season, label }: Options): Promise<readonly ScoredFile[]> {
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
  const rows = files.map((f) => [f.name, f.rows, f.columns, f.alerts, f.stateBytes]);
  return table(['series', 'rows', 'columns', 'alerts', 'bytes of state'], rows);
}
