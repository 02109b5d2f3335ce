import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadGpuConfig } from '../config.ts';
import { duration } from '../options.ts';
import { progress, show, table } from '../output.ts';
import { FLOW_CHOICES, type FlowChoice } from '../record/flow-tape.ts';
import { FLOW_LABELS, type FlowLabels, flowLabel, NODE_LABELS, nodeLabel } from '../record/labels.ts';
import type { TraceEntry } from '../record/manifest.ts';
import { type Recording, record } from '../record/run.ts';

interface Options {
  readonly label: string;
  readonly out: string;
  readonly for?: number;
  readonly id?: string;
  readonly note?: string;
  readonly warmUp?: number;
  readonly coolDown?: number;
  readonly hz: number;
  readonly flows: FlowChoice;
  readonly flow?: FlowLabels;
  readonly licence: string;
  readonly family?: string;
  readonly device?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** While a command starts, and after it was ended, the machine shows neither it nor its rest. */
const AROUND_COMMAND_SECONDS = 15;
const STEADY_SECONDS = 180;
const LONGEST_SECONDS = 86_400;

export function recordCommand(): Command {
  return new Command('record')
    .description(
      'record labelled telemetry of this machine into a folder of traces, while a command runs or as it is',
    )
    .requiredOption('--label <label>', `what runs: ${NODE_LABELS.join(', ')}`, nodeLabel)
    .requiredOption('--out <folder>', 'where the trace goes, and traces.json, which lists it')
    .option('--for <duration>', 'how long rows are labelled; 3m without it', recordable)
    .option('--id <id>', 'name of the trace; without it, label and time', traceId)
    .option('--note <text>', 'what a reader of the trace should know')
    .option('--warm-up <duration>', 'rows before, without a label; 15s with a command', around)
    .option(
      '--cool-down <duration>',
      'rows after the command was ended, without a label; 15s with a command',
      around,
    )
    .addOption(
      new Option('--hz <rate>', 'samples a second; above 1 the GPUs alone, by NVML')
        .choices(['1', '2', '5', '10'])
        .default('1'),
    )
    .addOption(
      new Option('--flows <which>', 'bytes a second of connections').choices(FLOW_CHOICES).default('all'),
    )
    .option(
      '--flow <port=label>',
      `what connections to a remote port are: ${FLOW_LABELS.join(', ')}; may be given again`,
      flowLabel,
    )
    .option('--licence <text>', 'terms under which others may use it', 'none stated')
    .option('--family <name>', 'what the workload is a variant of')
    .option('--device <text>', 'the machine, instead of what it says of itself')
    .option('--replace', 'in place of a trace of the same id')
    .option('--json', 'print the added entries of traces.json')
    .argument('[command...]', 'after `--`: what runs while it is recorded')
    .addHelpText(
      'after',
      '\nCtrl-C ends it early: what was recorded until then is kept, and marked. Exit status 1 then, and where the command failed.' +
        '\nExample: davylamp record --label hpc --out traces --for 5m -- ./simulation --threads 8',
    )
    .action(recordAndShow);
}

async function recordAndShow(command: readonly string[], options: Options): Promise<void> {
  const recording = recordingOf(command, options);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const { lengths, hz, id } = recording;
  const bar = progress(`recording ${id}`, (lengths.warmUp + lengths.steady + lengths.coolDown) * hz);
  try {
    const entries = await record(recording, loadGpuConfig(), abort.signal, bar.step);
    bar.end();
    show(options.json, entries, render);
    if (entries.some(({ ended }) => ended === 'interrupted' || ended.startsWith('command failed')))
      process.exitCode = 1;
  } finally {
    bar.end();
  }
}

function recordingOf(command: readonly string[], options: Options): Recording {
  const {
    note = '',
    replace = false,
    for: steady = STEADY_SECONDS,
    warmUp,
    coolDown,
    id,
    family,
    device,
    flow = new Map(),
    ...rest
  } = options;
  const around = command.length > 0 ? AROUND_COMMAND_SECONDS : 0;
  return {
    ...rest,
    note,
    replace,
    id:
      id ??
      `${rest.label.replaceAll('_', '-')}-${new Date()
        .toISOString()
        .replace(/[-:]|\.\d+/g, '')
        .toLowerCase()}`,
    hz: Number(rest.hz),
    lengths: { warmUp: warmUp ?? around, steady, coolDown: coolDown ?? around },
    flowLabels: flow,
    command,
    ...(family === undefined ? {} : { family }),
    ...(device === undefined ? {} : { device }),
  };
}

function traceId(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError('expected small letters, digits, dots, hyphens or underscores, at most 100');
}

function recordable(text: string): number {
  const seconds = duration(text);
  if (seconds >= 1 && seconds <= LONGEST_SECONDS) return seconds;
  throw new InvalidArgumentError('expected 1s to 24h');
}

/** Zero is one of them. */
function around(text: string): number {
  return /^0[smh]?$/.test(text) ? 0 : recordable(text);
}

function render(entries: readonly TraceEntry[]): string {
  const rows = entries.map(({ id, file, rows, labels, ended }) => [
    id,
    file,
    rows,
    Object.entries(labels)
      .map(([label, count]) => `${label || 'no label'} ${count}`)
      .join(', '),
    ended,
  ]);
  return table(['trace', 'file', 'rows', 'labels', 'ended'], rows);
}
