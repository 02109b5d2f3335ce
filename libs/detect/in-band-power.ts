import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { meanOver, sumOver } from './column-sums.ts';
import type { DetectParameters } from './parameters.ts';

const NODE_POWER = gaugeOrdinal('host', 'node_power_watts');
const CPU_POWER = gaugeOrdinal('host', 'cpu_power_watts');
const MEMORY_POWER = gaugeOrdinal('host', 'memory_power_watts');
const GPU_POWER = gaugeOrdinal('gpu', 'gpu_power_watts');

/** In-band power of the whole node; without a sensor, what its GPUs and CPU draw; null if that is unknown too. */
export function powerOf(rows: DecodedRows): number | null {
  return meanOver(rows, 'host', NODE_POWER) ?? partsPower(rows);
}

function partsPower(rows: DecodedRows): number | null {
  const gpus = sumOver(rows, 'gpu', GPU_POWER);
  const cpu = sumOver(rows, 'host', CPU_POWER);
  return gpus.count + cpu.count === 0 ? null : gpus.sum + cpu.sum;
}

/** What a node may draw at the socket by what it says of itself, W. */
export interface PowerRange {
  readonly lowWatts: number;
  readonly highWatts: number;
  /** By a sensor of the whole node: both ends are its mean. Otherwise the host is modelled. */
  readonly measured: boolean;
}

/**
 * A node's power over a summary. Without a sensor of the whole node: at least its GPUs and what else is measured;
 * at most that, a CPU that is not measured, the rest of the machine by its number of GPUs, and the loss of its
 * supply. No honest machine lies outside, and much that is hidden lies within: a weaker answer, not another one.
 * @returns null where no GPU and no CPU is measured, or a GPU is not: then nothing bounds it
 */
export function powerRange(rows: DecodedRows, parameters: DetectParameters): PowerRange | null {
  const node = meanOver(rows, 'host', NODE_POWER);
  if (node !== null) return { lowWatts: node, highWatts: node, measured: true };
  const gpus = sumOver(rows, 'gpu', GPU_POWER);
  const cpu = sumOver(rows, 'host', CPU_POWER);
  if (gpus.count < gpus.entities || gpus.count + cpu.count === 0) return null;
  const { hostCpuWatts, hostBaseWatts, hostWattsPerGpu, supplyFactor } = parameters;
  const lowWatts = gpus.sum + cpu.sum + sumOver(rows, 'host', MEMORY_POWER).sum;
  const rest = (cpu.count === 0 ? hostCpuWatts : 0) + hostBaseWatts + hostWattsPerGpu * gpus.entities;
  return { lowWatts, highWatts: supplyFactor * (lowWatts + rest), measured: false };
}
