import { Command, InvalidArgumentError } from 'commander';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { type LoadOutcome, type LoadPlan, writeLoad } from '../demo/load.ts';
import { LOAD_GPUS, type LoadGpus } from '../demo/load-fleet.ts';
import { decimal, wholeNumber } from '../options.ts';
import { progress, show } from '../output.ts';
import { withPorts } from '../ports.ts';

interface Options extends Omit<LoadPlan, 'rate'> {
  readonly rate?: number;
  readonly json?: true;
}

export function loadCommand(): Command {
  return new Command('load')
    .description('write the frames of many simulated nodes onto the bus that the settings name')
    .argument('<nodes>', 'simulated nodes', wholeNumber(1, 10_000_000))
    .option('--rate <number>', 'frames a second (default: as fast as the bus takes them)', decimal(0.1, 1e7))
    .option('--minutes <number>', 'event time of each node, ending now', decimal(0.1, 1_440), 10)
    .option('--gpus <number>', `GPUs of a node: ${LOAD_GPUS.join(', ')}`, gpusOf, 0 as LoadGpus)
    .option('--seed <number>', 'which fleet', wholeNumber(0, 4_294_967_295), 1)
    .option('--json', 'print the summary as one JSON object')
    .addHelpText(
      'after',
      '\nIt begins no services and enters no nodes: a detector that reads the bus meets them as strangers. Chains are valid,\nsealed with one key for all. Values are those of a few simulated machines.',
    )
    .action(async (nodes: number, options: Options) => {
      const finished = Promise.withResolvers<void>();
      await runUntilSignal(async (stack) => {
        const ending = new AbortController();
        const running = run({ ...options, nodes, rate: options.rate ?? null }, ending.signal);
        stack.defer(async () => {
          ending.abort();
          show(options.json, await running, inWords);
        });
        void running.then(() => finished.resolve(), finished.reject);
      }, finished.promise);
    });
}

function run(plan: LoadPlan, signal: AbortSignal): Promise<LoadOutcome> {
  return withPorts(
    async (ports) => {
      const bus = await ports.bus();
      const bar = progress('simulated frames', Math.round(plan.minutes * 6) * plan.nodes);
      try {
        return await writeLoad(bus, plan, signal, bar.step);
      } finally {
        bar.end();
      }
    },
    ['bus'],
  );
}

function inWords(outcome: LoadOutcome): string {
  const { nodes, frames, bytes, seconds, framesPerSecond, cpuCores, framesPerCpuSecond, rssBytes } = outcome;
  const count = (value: number) => Math.round(value).toLocaleString('en-GB');
  return [
    `${count(frames)} simulated frames of ${count(nodes)} simulated nodes, ${count(bytes / 1e6)} MB, in ${seconds.toFixed(1)} s`,
    `${count(framesPerSecond)} frames/s with ${cpuCores.toFixed(2)} cores: ${count(framesPerCpuSecond)} frames/s a core; ${count(rssBytes / 1e6)} MB resident`,
  ].join('\n');
}

function gpusOf(text: string): LoadGpus {
  const gpus = LOAD_GPUS.find((count) => String(count) === text);
  if (gpus === undefined) throw new InvalidArgumentError(`expected one of ${LOAD_GPUS.join(', ')}`);
  return gpus;
}
