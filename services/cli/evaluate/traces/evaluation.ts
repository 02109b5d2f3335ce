import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { NotFoundError } from '#libs/runtime/errors.ts';
import type { TraceLevel } from '#libs/traces/recording/columns.ts';
import { ablationSection, baselineSection, strippedSection } from './baselines.ts';
import { type CalibrationOf, calibrationOf, calibrationSection } from './calibration-section.ts';
import { type ListedTrace, listTraces } from './catalogue.ts';
import { gpuSections } from './gpu-sections.ts';
import { hostSections } from './host-sections.ts';
import { networkSection, readNetworks } from './network.ts';
import { type EvaluatedTrace, evaluateTrace } from './node-traces.ts';
import { changeRateSection, onsetSection } from './onset.ts';
import { gpuWindows } from './recorded-gpus.ts';
import { hostRuns } from './recorded-hosts.ts';
import { type ScoredWindow, scoredWindows, scorerOf } from './scores.ts';
import type { Section } from './section.ts';
import { measureSeparation, separationSection } from './separation.ts';
import {
  detectionSection,
  fitExamples,
  openSetSection,
  ordinarySection,
  type ScoredFamily,
  scoredFamilies,
} from './synthetic-quality.ts';

export interface Skipped {
  readonly id: string;
  readonly why: string;
}

export interface Evaluation {
  readonly traces: readonly EvaluatedTrace[];
  /** Traces that were not evaluated, with why. */
  readonly skipped: readonly Skipped[];
  readonly sections: readonly Section[];
  readonly families: readonly ScoredFamily[];
  readonly real: readonly ScoredWindow[];
  readonly calibrations: readonly CalibrationOf[];
}

export interface EvaluationOptions {
  readonly level?: TraceLevel;
  /** Runs of each family for the fits that leave a behaviour out, and starts of each family. */
  readonly runs: number;
  /** Told of each step that is done, of how many. */
  readonly progress: (done: number, of: number) => void;
}

/** Kinds that have no windows of a node. */
const NOT_NODE: Readonly<Record<string, string>> = {
  meter: 'meters: scored as series by `davylamp evaluate --series`',
};

/** Columns that are taken away one by one. */
const ABLATED: readonly (readonly string[])[] = [
  ['gpu_power_watts'],
  ['gpu_utilization_ratio'],
  ['gpu_memory_used_bytes', 'gpu_memory_used_ratio'],
  ['gpu_sm_active_ratio'],
  ['gpu_tensor_active_ratio'],
  ['gpu_dram_active_ratio'],
  ['gpu_pcie_tx_bytes_per_second', 'gpu_pcie_rx_bytes_per_second'],
  ['gpu_nvlink_tx_bytes_per_second', 'gpu_nvlink_rx_bytes_per_second'],
];

/** Steps beside one a trace: open set, job starts, families; an upper bound that the bar is rounded to at the end. */
const OTHER_STEPS = 60;

/** Evaluates the shipped detector on a directory of traces, and on simulated runs. @throws NotFoundError */
export async function evaluateDirectory(directory: string, options: EvaluationOptions): Promise<Evaluation> {
  const listed = await listTraces(directory);
  const nodes = listed.filter(({ kind }) => kind === 'node');
  let done = 0;
  const step = () => options.progress(++done, nodes.length + OTHER_STEPS);
  const traces: EvaluatedTrace[] = [];
  const unreadable: Skipped[] = [];
  for (const trace of nodes) {
    const one = await readable(
      evaluateTrace(directory, trace, options.level ? { level: options.level } : {}),
    );
    if (typeof one === 'string') unreadable.push({ id: trace.id, why: one });
    else traces.push(one);
    step();
  }
  const scorer = scorerOf(SHIPPED_MODEL);
  const real = traces.flatMap((trace) => scoredWindows(trace, scorer));
  const families = scoredFamilies(scorer, step);
  const calibrations = [
    calibrationOf('real', real),
    calibrationOf(
      'synthetic',
      families.flatMap(({ windows }) => windows),
    ),
  ];
  const network = networkSection(
    await readNetworks(
      directory,
      listed.filter(({ kind }) => kind === 'network' || kind === 'flow'),
    ),
  );
  const examples = fitExamples(options.runs);
  const without = unreadable.map(({ id }) => id);
  const profiled = traces.filter(({ result }) => result.level === 'L3');
  return {
    traces,
    skipped: [
      ...unreadable,
      ...listed
        .filter(({ kind }) => !['node', 'network', 'flow'].includes(kind))
        .map(({ id, kind }) => ({ id, why: NOT_NODE[kind] ?? `kind ${kind} is unknown` })),
    ],
    sections: [
      onsetSection(traces),
      changeRateSection(traces, options.runs, step),
      baselineSection(traces),
      ...(await ablations(directory, profiled)),
      ...(real.length > 0 ? [detectionSection(families, real)] : []),
      ordinarySection(families),
      openSetSection(examples, step),
      separationSection(measureSeparation(scorer)),
      calibrationSection(calibrations),
      ...gpuSections(await gpuWindows(directory, without), examples, scorer),
      ...hostSections(await hostRuns(directory, without)),
      ...(network ? [network] : []),
    ],
    families,
    real,
    calibrations,
  };
}

/** What was read, or why it could not be: one bad file is no reason to leave the others. */
async function readable(trace: Promise<EvaluatedTrace>): Promise<EvaluatedTrace | string> {
  try {
    return await trace;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SyntaxError) return error.message;
    throw error;
  }
}

async function ablations(directory: string, profiled: readonly EvaluatedTrace[]): Promise<Section[]> {
  if (profiled.length === 0) return [];
  const listed: ListedTrace[] = profiled.map(({ trace }) => trace);
  const again = (without: readonly string[]) =>
    Promise.all(listed.map((trace) => evaluateTrace(directory, trace, { without })));
  const less = [];
  for (const without of ABLATED) less.push({ column: without[0] ?? '', traces: await again(without) });
  const stripped = await Promise.all(listed.map((trace) => evaluateTrace(directory, trace, { level: 'L2' })));
  return [strippedSection(stripped), ablationSection(profiled, less)];
}
