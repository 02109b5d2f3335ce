import type { Example } from '#libs/detect/evidence/fit.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import type { Family } from '#libs/traces/families.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine, type Measured } from '#libs/traces/simulate/machine.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { variedRun } from '#libs/traces/vary.ts';

/** Hardware whose GPUs have profiling counters, each in turn; two GPUs of each stand for all. */
const MACHINES: readonly Hardware[] = [
  HARDWARE.h100x8,
  HARDWARE.a100x8,
  HARDWARE.v100x4,
  HARDWARE.l40sx4,
].map((hardware) => ({ ...hardware, gpus: 2 }));

/** Windows of a run; its first minute, while the card warms up, is left out. */
const WINDOWS = 5;
const FRAMES = SUMMARY_MS / DEFAULT_INTERVAL_MS;

/** One simulated run, by windows of a minute. Everything it says is simulated. */
export function simulatedWindows(workload: Workload, seed: number, hardware?: Hardware): Measured[][] {
  const chosen = hardware ?? MACHINES[seed % MACHINES.length] ?? HARDWARE.h100x8;
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: 'simulated', hardware: chosen, shifts, flows: false, seed });
  return Array.from({ length: WINDOWS + 1 }, (_, window) =>
    Array.from({ length: FRAMES }, (__, frame) =>
      machine.interval((window * FRAMES + frame + 1) * DEFAULT_INTERVAL_MS, DEFAULT_INTERVAL_MS),
    ),
  ).slice(1);
}

/** Labelled windows of `runs` runs of a family, each with numbers of its own. The same seed gives the same. */
export function simulatedExamples(family: Family, runs: number, seed: number): Example[] {
  const seeds = new Random(seed);
  return Array.from({ length: runs }, () => Math.floor(seeds.uniform() * 2 ** 31)).flatMap((own) =>
    simulatedWindows(variedRun(family), own).flatMap((frames) =>
      windowFeatures(frames).map((values) => ({ family: family.name, behaviour: family.behaviour, values })),
    ),
  );
}
