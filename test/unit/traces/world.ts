import { LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { type Activity, clear, idleActivity } from '#libs/traces/simulate/activity.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { cpuPow } from '#libs/traces/simulate/workloads/cpu-pow.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { hpc } from '#libs/traces/simulate/workloads/hpc.ts';
import { idle, parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import {
  inferenceBatch,
  inferenceInt8,
  inferenceOnRequest,
} from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { notebook } from '#libs/traces/simulate/workloads/notebook.ts';
import { office } from '#libs/traces/simulate/workloads/office.ts';
import { render } from '#libs/traces/simulate/workloads/render.ts';
import { storage } from '#libs/traces/simulate/workloads/storage.ts';
import {
  trainingDataParallel,
  trainingGradientAccumulation,
  trainingOffload,
  trainingPowerSmoothed,
} from '#libs/traces/simulate/workloads/training.ts';
import { validator } from '#libs/traces/simulate/workloads/validator.ts';

export const WORKLOADS: readonly Workload[] = [
  trainingDataParallel,
  trainingGradientAccumulation,
  trainingOffload,
  trainingPowerSmoothed,
  inferenceOnRequest(),
  inferenceBatch,
  inferenceInt8,
  render,
  hpc,
  notebook,
  idle,
  parkedModel,
  hashPowMemoryHard,
  hashPowComputeBound,
  matmulPow,
  cpuPow,
  validator,
  storage,
  office(),
];

/** A Monday at noon, UTC, on a whole minute. */
export const NOON_MS = Date.UTC(2026, 10, 23, 12);

export function machineOf(workload: Workload, hardware: Hardware = HARDWARE.h100x8, seed = 1): Machine {
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  return new Machine({ name: 'node', hardware, shifts, flows: true, seed });
}

/** Values of columns of one entity, second by second. */
export function run(
  machine: Machine,
  seconds: number,
  columns: readonly string[],
  entity = 1,
): Record<string, number[]> {
  const values: Record<string, number[]> = Object.fromEntries(columns.map((name) => [name, []]));
  for (let second = 1; second <= seconds; second++) {
    machine.second(NOON_MS + second * 1000);
    const row = machine.rows[entity];
    for (const name of columns) values[name]?.push(row ? value(row, name) : Number.NaN);
  }
  return values;
}

export function value(row: EntityRow, column: string): number {
  const { gauges, counters } = LAYOUTS[row.kind];
  const gauge = gauges.findIndex(({ name }) => name === column);
  if (gauge >= 0) return row.gauges[gauge] ?? Number.NaN;
  return row.counters[counters.findIndex(({ name }) => name === column)] ?? Number.NaN;
}

/** What a workload does in each second, each as an activity of its own. */
export function activities(workload: Workload, seconds: number, gpus = 8, seed = 1): readonly Activity[] {
  const process = workload.start({ hardware: HARDWARE.h100x8, gpus, random: new Random(seed) });
  return Array.from({ length: seconds }, (_, second) => {
    const activity = idleActivity(gpus);
    clear(activity);
    process(NOON_MS + (second + 1) * 1000, activity);
    return activity;
  });
}
