import { availableParallelism } from 'node:os';
import { ConflictError } from '#libs/runtime/errors.ts';
import type { GpuSources } from '#services/agent/collect/gpu/gpus.ts';
import { type FlowChoice, FlowTape } from './flow-tape.ts';
import type { FlowLabels } from './labels.ts';
import { deviceName, machineFacts } from './machine.ts';
import { checkFree, keepTraces, type TraceEntry } from './manifest.ts';
import { type Marks, type Phase, type PhaseLengths, Phases } from './phases.ts';
import { Share } from './share.ts';
import { Tape } from './tape.ts';
import { watchMachine } from './telemetry.ts';
import { type Surrounds, Work } from './work.ts';

/** What is to be recorded. */
export interface Recording extends Surrounds {
  readonly id: string;
  readonly out: string;
  readonly label: string;
  readonly hz: number;
  readonly lengths: PhaseLengths;
  /** Empty: whatever the machine does. */
  readonly command: readonly string[];
  readonly flows: FlowChoice;
  readonly flowLabels: FlowLabels;
  readonly replace: boolean;
  readonly note: string;
  readonly licence: string;
  /** Workloads that are one another's variants; a model is judged on families it has not seen. */
  readonly family?: string;
  /** Instead of what the machine says of itself. */
  readonly device?: string;
}

interface Taped {
  readonly node: Tape;
  readonly flows: FlowTape;
  readonly marks: Marks;
  /** Of all cores; undefined without a command, and where it ended by itself. */
  readonly share: number | undefined;
  readonly ended: string;
}

/**
 * Records this machine while a command runs, and lists what it recorded. An abort ends it early: what was recorded
 * until then is kept, and marked.
 * @param onRow after every sample
 * @returns the entries that were added to `traces.json`: the node's, and that of its connections where there were any
 * @throws ConflictError when the id is taken or no row could be labelled, SourceAbsentError without a source,
 *   NotFoundError when the command cannot be started, ConfigError when the folder cannot be written
 */
export async function record(
  recording: Recording,
  gpus: GpuSources,
  abort: AbortSignal,
  onRow: () => void = () => undefined,
): Promise<readonly TraceEntry[]> {
  await checkFree(recording.out, recording.id, recording.replace);
  const recorded = new Date().toISOString();
  const taped = await tape(recording, gpus, abort, onRow);
  if (!(recording.label in taped.node.labels))
    throw new ConflictError(
      `${recording.id}: expected rows after the warm-up, got none (${taped.ended}); nothing was kept`,
    );
  return keep(recording, taped, recorded);
}

async function tape(
  recording: Recording,
  gpus: GpuSources,
  abort: AbortSignal,
  onRow: () => void,
): Promise<Taped> {
  const { hz, label, command, lengths } = recording;
  const node = new Tape();
  const flows = new FlowTape(recording.flows, recording.flowLabels);
  const phases = new Phases(lengths);
  const share = new Share(availableParallelism());
  const first = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  let firstMs: number | undefined;
  let work: Work | undefined;
  using _ = await watchMachine(hz, gpus, (sample) => {
    firstMs ??= sample.endMs;
    const timeSeconds = (sample.endMs - firstMs) / 1000;
    // Until the command has been started, all is as before it.
    const labelled = phases.row(timeSeconds, abort.aborted || work?.ended === true);
    node.add(timeSeconds, labelled ? label : '', sample.entities);
    flows.add(timeSeconds, sample.flows);
    onRow();
    first.resolve();
    if (work) follow(work, share, phases.phase, timeSeconds);
    if (phases.phase === 'over' || abort.aborted) over.resolve();
  });
  await first.promise;
  if (command.length > 0) work = await Work.start(command, recording);
  await over.promise;
  await work?.stop();
  return { node, flows, marks: phases.marks, share: share.ratio, ended: endOf(abort, work) };
}

function follow(work: Work, share: Share, phase: Phase, timeSeconds: number): void {
  const used = () => work.cpuSeconds;
  if (phase === 'steady') share.begin(used, timeSeconds);
  if (phase === 'warm-up' || phase === 'steady') return;
  if (!work.ended) share.end(used, timeSeconds);
  void work.stop();
}

/** Why the labelled rows are as many as they are. */
function endOf(abort: AbortSignal, work: Work | undefined): string {
  if (abort.aborted) return 'interrupted';
  return work?.ending ?? 'complete';
}

async function keep(recording: Recording, taped: Taped, recorded: string): Promise<readonly TraceEntry[]> {
  const { id, out } = recording;
  const node = { entry: nodeEntry(recording, taped, recorded), csv: taped.node.csv() };
  const kept =
    taped.flows.rows > 0
      ? [node, { entry: flowsEntry(node.entry, taped.flows), csv: taped.flows.csv() }]
      : [node];
  await keepTraces(out, id, kept);
  return kept.map(({ entry }) => entry);
}

function nodeEntry(recording: Recording, { node, marks, share, ended }: Taped, recorded: string): TraceEntry {
  const { id, hz, note, licence, family, command } = recording;
  const machine = machineFacts();
  const limit = node.lastOfGpus('gpu_power_limit_watts');
  return {
    id,
    kind: 'node',
    file: `node/${id}.csv.gz`,
    rows: node.rows,
    labels: node.labels,
    device: recording.device ?? deviceName(machine),
    interval_ms: 1000 / hz,
    ...(limit === undefined ? {} : { gpu_power_limit_watts: limit }),
    note,
    licence,
    ...(family === undefined ? {} : { family }),
    recorded,
    command: command.join(' '),
    ...(share === undefined ? {} : { command_cpu_ratio: share }),
    marks,
    ended,
    machine,
  };
}

function flowsEntry(node: TraceEntry, flows: FlowTape): TraceEntry {
  const { gpu_power_limit_watts: _, ...shared } = node;
  const id = `${node.id}-flows`;
  const counts = { rows: flows.rows, labels: flows.labels };
  return { ...shared, ...counts, id, kind: 'flow', file: `flow/${id}.csv.gz`, with: node.id };
}
