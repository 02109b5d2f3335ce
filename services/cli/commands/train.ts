import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Example, fitEvidence } from '#libs/detect/evidence/fit.ts';
import type { EvidenceModel } from '#libs/detect/evidence/model.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { gpuWindows } from '../evaluate/traces/recorded-gpus.ts';
import { simulatedExamples } from '../evaluate/traces/synthetic.ts';
import { wholeNumber } from '../options.ts';
import { progress } from '../output.ts';
import { SHIPPED_HOST, trainHost } from './train-host.ts';

/** The model that stage 1 reads. */
const SHIPPED = fileURLToPath(new URL('../../../libs/detect/evidence/model.json', import.meta.url));
/** Raised when the meaning of a model's numbers changes. */
const VERSION = 1;
/** Seeds of families lie this far apart, so that no two seeds of the command share a run. */
const SEED_STEP = 1_000;
/** Above it lie the seeds of the runs that an evaluation is made with. */
const MAX_SEED = 6_999;

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly leaveOut: readonly string[];
  readonly traces?: string;
  readonly without: readonly string[];
  readonly host?: boolean;
  readonly out?: string;
}

export function trainCommand(): Command {
  const several = (value: string, before: readonly string[]) => [...before, value];
  return new Command('train')
    .description(
      'learn what windows of known workloads look like, from simulated machines; the same seed gives the same model',
    )
    .option(
      '--runs <count>',
      'simulated runs of each family, each with numbers of its own',
      wholeNumber(1, 10_000),
      120,
    )
    .option('--seed <number>', 'seed of the simulation', wholeNumber(0, MAX_SEED), 1)
    .option(
      '--leave-out <name>',
      'leave out a family, or all of a behaviour such as B5; may be repeated',
      several,
      [],
    )
    .option(
      '--traces <folder>',
      'learn from recorded traces with labels as well; such a model is for this site alone',
    )
    .option(
      '--host',
      'learn what a busy host without busy GPUs looks like, from recorded traces alone: the project’s own, or those of --traces',
    )
    .option('--without <id>', 'leave out a recorded trace; may be repeated', several, [])
    .option('--out <file>', 'where the model is written; default: the one that is shipped')
    .addHelpText(
      'after',
      '\nWhat rests on simulated machines is synthetic evidence, and every report says so.',
    )
    .action(async (options: Options) => {
      assertShippable(options);
      const model = options.host ? await trainHost(options) : await train(options);
      const file = options.out ?? (options.host ? SHIPPED_HOST : SHIPPED);
      await writeFile(file, `${JSON.stringify(model, null, 1)}\n`);
      process.stdout.write(`${model.families.length} families from ${model.made.windows} windows: ${file}\n`);
    });
}

/** @throws ConfigError where a local model would become the shipped one */
function assertShippable({ traces, leaveOut, without, host, out }: Options): void {
  const partly = leaveOut.length > 0 || (host && without.length > 0);
  if ((traces || partly) && out === undefined)
    throw new ConfigError(
      '--out: expected a file: a model with something left out, or of other traces, is not shipped',
    );
}

/** @throws ConfigError for a name nobody knows */
async function train({ runs, seed, leaveOut, traces, without }: Options): Promise<EvidenceModel> {
  for (const name of leaveOut) assertKnown(name);
  const simulated = simulate(runs, seed, leaveOut);
  const windows = traces ? await gpuWindows(traces, without) : [];
  const recorded = windows.map(({ label, ...window }) => ({ ...window, family: `recorded ${label}` }));
  const examples = [...simulated, ...recorded];
  return {
    version: VERSION,
    made: {
      command: [
        'davylamp train',
        `--runs ${runs}`,
        `--seed ${seed}`,
        ...leaveOut.map((name) => `--leave-out ${name}`),
      ].join(' '),
      data:
        recorded.length > 0
          ? `synthetic, and ${recorded.length} recorded windows; not to be shipped`
          : 'synthetic',
      windows: examples.length,
    },
    ...fitEvidence(examples),
  };
}

/** Also for tests: the examples that the shipped model is made of. */
export function simulate(runs: number, seed: number, leaveOut: readonly string[]): Example[] {
  const bar = progress('simulating', FAMILIES.length);
  const examples = FAMILIES.flatMap((family, index) => {
    bar.step();
    const left = leaveOut.includes(family.name) || leaveOut.includes(family.behaviour);
    return left ? [] : simulatedExamples(family, runs, seed * SEED_STEP + index);
  });
  bar.end();
  return examples;
}

function assertKnown(name: string): void {
  if (FAMILIES.some((family) => family.name === name || family.behaviour === name)) return;
  const names = FAMILIES.map((family) => family.name).join(', ');
  throw new ConfigError(`--leave-out ${name}: expected a behaviour (B0 to B13) or one of ${names}`);
}
