import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { machineFacts } from '#services/cli/record/machine.ts';
import { keepTraces } from '#services/cli/record/manifest.ts';
import { Tape } from '#services/cli/record/tape.ts';
import { machineOf, NOON_MS } from './world.ts';

export interface SimulatedRecording {
  readonly id: string;
  readonly label: string;
  readonly workload: Workload;
  readonly seed?: number;
  /** What runs, without a label, before the label holds. */
  readonly before: Workload;
  readonly beforeSeconds: number;
  readonly steadySeconds: number;
}

/** A simulated machine at 1 Hz, written as a recording of a GPU is. */
export async function writeSimulated(folder: string, recording: SimulatedRecording): Promise<void> {
  const { id, label, workload, seed = 1, before, beforeSeconds, steadySeconds } = recording;
  const seconds = beforeSeconds + steadySeconds;
  const [early, machine] = [before, workload].map((one) => machineOf(one, HARDWARE.h100x8, seed));
  const tape = new Tape();
  for (let second = 0; second < seconds; second++) {
    const now = second < beforeSeconds ? early : machine;
    now?.second(NOON_MS + second * 1000);
    tape.add(second, second < beforeSeconds ? '' : label, now?.rows ?? []);
  }
  const entry = {
    id,
    kind: 'node' as const,
    file: `node/${id}.csv.gz`,
    rows: tape.rows,
    labels: tape.labels,
    device: 'simulated',
    interval_ms: 1000,
    note: 'simulated',
    licence: 'none',
    family: workload.name,
    recorded: '2026-01-01T00:00:00.000Z',
    command: '',
    marks: { start_s: 0, steady_s: beforeSeconds, end_s: seconds - 1 },
    ended: 'complete',
    machine: machineFacts(),
  };
  await keepTraces(folder, id, [{ entry, csv: tape.csv() }]);
}
