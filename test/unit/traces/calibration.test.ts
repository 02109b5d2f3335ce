import { mean, sampleCorrelation, standardDeviation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceBatch, inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { notebook } from '#libs/traces/simulate/workloads/notebook.ts';
import {
  trainingDataParallel,
  trainingOffload,
  trainingPowerSmoothed,
} from '#libs/traces/simulate/workloads/training.ts';
import { activities, machineOf, NOON_MS, run } from './world.ts';

/** Statistics of the named dataset at 1 Hz, and how far the simulation may be off, as a share. */
function near(values: readonly number[] | undefined, dataset: number, share: number): void {
  const simulated = mean([...(values ?? [])]);
  expect(Math.abs(simulated / dataset - 1), `${simulated} instead of ${dataset}`).toBeLessThan(share);
}

const GPU = [
  'gpu_utilization_ratio',
  'gpu_sm_active_ratio',
  'gpu_tensor_active_ratio',
  'gpu_dram_active_ratio',
  'gpu_memory_controller_utilization_ratio',
  'gpu_power_watts',
  'gpu_temperature_celsius',
];

test('data-parallel training is near h100-small-ddp', () => {
  const run1 = run(machineOf(trainingDataParallel), 1_200, GPU);
  near(run1.gpu_utilization_ratio, 0.848, 0.05);
  near(run1.gpu_sm_active_ratio, 0.639, 0.05);
  near(run1.gpu_tensor_active_ratio, 0.194, 0.05);
  near(run1.gpu_dram_active_ratio, 0.323, 0.05);
  near(run1.gpu_memory_controller_utilization_ratio, 0.417, 0.05);
  near(run1.gpu_power_watts, 547, 0.06);
  near(run1.gpu_temperature_celsius?.slice(300), 60, 0.05);
});

test('its power is as restless as in h100-small-ddp between two checkpoints', () => {
  const all = run(machineOf(trainingDataParallel), 1_200, ['gpu_power_watts']).gpu_power_watts ?? [];
  const watts = all.filter((one) => one > 400);
  expect(watts.length).toBeGreaterThan(1_150);
  expect(standardDeviation(watts)).toBeGreaterThan(10);
  expect(standardDeviation(watts)).toBeLessThan(35);
});

test('training with offload is near h100-fsdp-offload, and swings as it does', () => {
  const { gpu_power_watts: watts = [], ...rest } = run(machineOf(trainingOffload), 1_200, GPU);
  near(rest.gpu_utilization_ratio, 0.137, 0.08);
  near(rest.gpu_sm_active_ratio, 0.09, 0.08);
  near(rest.gpu_tensor_active_ratio, 0.0566, 0.08);
  near(rest.gpu_dram_active_ratio, 0.039, 0.08);
  near(watts, 186, 0.08);
  expect(standardDeviation(watts)).toBeGreaterThan(50);
  expect(standardDeviation(watts)).toBeLessThan(90);
  expect(sampleCorrelation(watts.slice(1), watts.slice(0, -1))).toBeLessThan(-0.1);
});

test('an idle model is near h100-idle-model-loaded', () => {
  const { gpu_power_watts: watts = [] } = run(machineOf(parkedModel), 250, ['gpu_power_watts']);
  near(watts, 120, 0.03);
  expect(standardDeviation(watts)).toBeLessThan(0.3);
});

test('a node of eight H100 in training draws what h100-bmc-t11 shows', () => {
  const { node_power_watts: watts } = run(machineOf(trainingDataParallel), 1_200, ['node_power_watts'], 0);
  near(watts, 6_442, 0.06);
});

test('batch inference on a consumer card is near rtx4090-vlm', () => {
  const columns = ['gpu_utilization_ratio', 'gpu_power_watts', 'gpu_memory_controller_utilization_ratio'];
  const values = run(machineOf(inferenceBatch, HARDWARE.rtx4090), 2_000, columns);
  near(values.gpu_utilization_ratio, 0.835, 0.06);
  near(values.gpu_power_watts, 282, 0.06);
  near(values.gpu_memory_controller_utilization_ratio, 0.4, 0.1);
  expect(standardDeviation(values.gpu_utilization_ratio ?? [])).toBeCloseTo(0.19, 1);
});

test('a notebook is mostly idle, as federated-learning-node', () => {
  const machines = [1, 2, 3, 4].map((seed) => machineOf(notebook, HARDWARE.rtx4090, seed));
  const columns = ['gpu_utilization_ratio'];
  const all = machines.flatMap((it) => run(it, 7_200, columns).gpu_utilization_ratio ?? []);
  expect(mean(all)).toBeGreaterThan(0.005);
  expect(mean(all)).toBeLessThan(0.05);
  expect(all.filter((value) => value === 0).length / all.length).toBeGreaterThan(0.9);
});

test('smoothed power is flatter than 1 %, and so is that of matmul proof-of-work: flatness tells nothing', () => {
  for (const workload of [trainingPowerSmoothed, matmulPow]) {
    const { gpu_power_watts: watts = [] } = run(machineOf(workload), 600, ['gpu_power_watts']);
    expect(standardDeviation(watts) / mean(watts)).toBeLessThan(0.01);
  }
});

test('a memory-hard miner keeps its GPU as full as miner-nbminer, and its pool as quiet as the recorded sessions', () => {
  const seconds = activities(hashPowMemoryHard, 3_600, 1);
  expect(mean(seconds.map(({ gpus }) => gpus[0]?.utilization ?? 0))).toBeGreaterThan(0.98);
  const flows = seconds.map(({ flows: [pool] }) => pool);
  expect(mean(flows.map((flow) => flow?.up ?? 0))).toBeGreaterThan(2);
  expect(mean(flows.map((flow) => flow?.up ?? 0))).toBeLessThan(90);
  expect(mean(flows.map((flow) => flow?.down ?? 0))).toBeGreaterThan(9);
  expect(mean(flows.map((flow) => flow?.down ?? 0))).toBeLessThan(66);
  const activeUp = mean(flows.map((flow) => Number((flow?.up ?? 0) > 0)));
  expect(activeUp).toBeGreaterThan(0.027);
  expect(activeUp).toBeLessThan(0.2);
});

test('matmul proof-of-work sends 3.1 Mbit/s, fourteen times what it gets (DOMAIN 11, J1)', () => {
  const flows = activities(matmulPow, 7_200).map(({ flows: [pool] }) => pool);
  const up = mean(flows.map((flow) => flow?.up ?? 0));
  const down = mean(flows.map((flow) => flow?.down ?? 0));
  expect(up * 8).toBeGreaterThan(2.7e6);
  expect(up * 8).toBeLessThan(3.5e6);
  expect(up / down).toBeGreaterThan(12);
  expect(up / down).toBeLessThan(16);
});

test('inference follows the day: at least 1.4 times the power of the night', () => {
  const at = (hour: number) => {
    const machine = machineOf(inferenceOnRequest(), HARDWARE.l40sx4);
    const fromMs = NOON_MS + (hour - 12) * 3_600_000;
    const watts: number[] = [];
    for (let second = 1; second <= 600; second++) {
      machine.second(fromMs + second * 1000);
      watts.push((machine.rows[1]?.gauges[0] ?? 0) as number);
    }
    return mean(watts);
  };
  expect(at(15) / at(3)).toBeGreaterThan(1.4);
});
