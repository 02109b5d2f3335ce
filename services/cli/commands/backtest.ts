import { Command, InvalidArgumentError, Option } from 'commander';
import type { Ledger } from '#libs/ledger/port.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { busSource } from '../backtest/bus-source.ts';
import { compareVersions, type Outcome } from '../backtest/compare.ts';
import { render } from '../backtest/render.ts';
import { seriesSource } from '../backtest/series-source.ts';
import { ALL_TIME, type Range, type Source } from '../backtest/source.ts';
import { traceSource } from '../backtest/trace-source.ts';
import { readVersions } from '../backtest/version.ts';
import { assertKnown } from '../known-node.ts';
import { progress, show } from '../output.ts';
import { type ToolPorts, withPorts } from '../ports.ts';

interface Options {
  readonly a?: readonly string[];
  readonly b?: readonly string[];
  readonly bus?: true;
  readonly series?: true;
  readonly traces?: string;
  readonly from?: number;
  readonly to?: number;
  readonly offsets?: Readonly<Record<number, number>>;
  readonly node?: string;
  readonly json?: true;
}

export function backtestCommand(): Command {
  return new Command('backtest')
    .description(
      'put stored telemetry through two versions of the detector, and show what they find differently',
    )
    .option('--a <file...>', 'version A: a JSON file of parameters, a model, or both; default: as shipped')
    .option('--b <file...>', 'version B, likewise')
    .option('--bus', 'replay the frames and readings that the bus still holds (default)')
    .addOption(
      new Option(
        '--series',
        'replay the frames of the series store, kept under the resolution `full`',
      ).conflicts('bus'),
    )
    .addOption(
      new Option('--traces <folder>', 'replay recorded traces, listed by its traces.json').conflicts([
        'bus',
        'series',
      ]),
    )
    .option('--from <time>', 'event time that frames end after, ISO 8601; baselines begin there too', instant)
    .option('--to <time>', 'event time that frames end at or before', instant)
    .addOption(
      new Option('--offsets <list>', 'offsets of frames to begin with, e.g. 0:1200,1:880')
        .argParser(offsets)
        .conflicts(['series', 'traces']),
    )
    .option('--node <name>', 'report only this node; all are put through, because peers decide too')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      `
Parameters are any of the numbers in libs/detect/parameters.ts, e.g. {"ownPastZ": 8}; a model is what
\`davylamp train\` writes. Nothing is written: neither to the bus nor to a store.`,
    )
    .action(async (options: Options) => show(options.json, await backtest(options), render));
}

async function backtest(options: Options): Promise<Outcome> {
  const versions = await readVersions(options.a ?? [], options.b ?? []);
  const range = rangeOf(options);
  const { node } = options;
  const run = async (source: Source, ledger: Ledger | null) => {
    const bar = progress('replaying', source.total);
    const outcome = await compareVersions(source, versions, node, bar.step).finally(bar.end);
    if (node !== undefined && outcome.windows.nodes.length === 0) await assertKnown(node, ledger);
    return outcome;
  };
  if (options.traces !== undefined) return await run(await traceSource(options.traces, range), null);
  return await withPorts(async (ports) =>
    run(await storedSource(ports, options, range), await ports.ledger()),
  );
}

async function storedSource(ports: ToolPorts, options: Options, range: Range): Promise<Source> {
  const ledger = await ports.ledger();
  if (!options.series)
    return await busSource(await ports.bus(), ledger, { range, offsets: options.offsets ?? {} });
  if (options.from === undefined)
    throw new ConfigError(
      '--series: expected --from too, the event time to begin with, e.g. 2026-01-05T08:00Z',
    );
  return await seriesSource(await ports.series(), ledger, { ...range, toMs: options.to ?? Date.now() });
}

function rangeOf({ from = ALL_TIME.fromMs, to = ALL_TIME.toMs }: Options): Range {
  if (from < to) return { fromMs: from, toMs: to };
  throw new ConfigError('--from: expected a time before --to');
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2026-01-05T08:00Z');
  return ms;
}

function offsets(text: string): Readonly<Record<number, number>> {
  const pairs = text.split(',').map((pair) => /^(\d+):(\d+)$/.exec(pair));
  if (pairs.includes(null))
    throw new InvalidArgumentError('expected partition:offset, separated by commas, e.g. 0:1200,1:880');
  return Object.fromEntries(pairs.map((pair) => [Number(pair?.[1]), Number(pair?.[2])]));
}
