import { windowMean, windowSpread } from '../accumulate.ts';
import { GPU_WINDOW, metricIndex } from '../layout.ts';
import type { EntityWindow } from '../node-window.ts';
import { TRAFFIC_FEATURES } from './traffic.ts';

/**
 * What must be readable for a feature: L1 power, L2 also what `nvidia-smi` shows, L3 also profiling counters
 * (DCGM, GPM), N what the host moves over networks and disks. DESIGN.md, Detection.
 */
export type Level = 'L1' | 'L2' | 'L3' | 'N';

/** Where one entity's window lies. */
export type WindowValues = Pick<EntityWindow, 'layout' | 'data' | 'at'>;

/** A number computed from a window; NaN where a sensor is missing: then it says nothing. */
export interface Feature {
  readonly name: string;
  readonly level: Level;
  /** As a person reads it, e.g. `tensor activity per SM activity`. */
  readonly words: string;
  /** The metric that shows it best, for charts. */
  readonly metric: string;
  /** A ratio is within 0–1, a share may be above; of bytes per second the feature is the log10. */
  readonly unit: 'ratio' | 'share' | 'log10 By/s' | 'number';
  /** Inner edges of its bins, ascending, where those of its unit do not suit. */
  readonly edges?: readonly number[];
}

/** A feature of one GPU. */
interface GpuFeature extends Feature {
  read(gpu: WindowValues): number;
}

/** Below it an SM ratio is idle, and shares of it mean nothing. Starting value. */
export const BUSY_SM = 0.01;
/** Added before the logarithm: what a quiet link carries. Calibrated on nothing; PCIe of idle cards reads 6e5 By/s. */
export const QUIET_BYTES = 1e5;

const gpu = (name: string) => metricIndex(GPU_WINDOW, name);

const mean = (index: number) => (entity: WindowValues) =>
  windowMean(entity.layout, entity.data, entity.at, index);

/** Standard deviation over the window's samples, NaN if not measured. */
const spread = (index: number) => (entity: WindowValues) =>
  windowSpread(entity.layout, entity.data, entity.at, index);

/** One metric as a share of another; NaN where the other is idle. */
const share = (part: number, whole: number, least: number) => (entity: WindowValues) => {
  const divisor = mean(whole)(entity);
  return divisor >= least ? mean(part)(entity) / divisor : Number.NaN;
};

/** log10 of the sum of two rates. */
const traffic = (one: number, other: number) => (entity: WindowValues) =>
  Math.log10(QUIET_BYTES + mean(one)(entity) + mean(other)(entity));

/** Coefficient of variation; NaN below `least`. */
const variation = (index: number, least: number) => (entity: WindowValues) => {
  const level = mean(index)(entity);
  return level >= least ? spread(index)(entity) / level : Number.NaN;
};

const utilization = gpu('gpu_utilization_ratio');
const sm = gpu('gpu_sm_active_ratio');
const tensor = gpu('gpu_tensor_active_ratio');
const dram = gpu('gpu_dram_active_ratio');

/** What is looked at of a GPU. Not the machine, the sampling, nor what is missing: those separate recordings, not workloads. */
const GPU_FEATURES: readonly GpuFeature[] = [
  {
    name: 'gpu-utilization',
    level: 'L2',
    words: 'GPU utilisation',
    metric: 'gpu_utilization_ratio',
    unit: 'ratio',
    read: mean(utilization),
  },
  {
    name: 'gpu-memory',
    level: 'L2',
    words: 'GPU memory in use',
    metric: 'gpu_memory_used_ratio',
    unit: 'ratio',
    read: mean(gpu('gpu_memory_used_ratio')),
  },
  {
    name: 'gpu-power-variation',
    level: 'L1',
    words: 'variation of GPU power',
    metric: 'gpu_power_watts',
    unit: 'number',
    read: variation(gpu('gpu_power_watts'), 1),
  },
  {
    name: 'sm',
    level: 'L3',
    words: 'SM activity',
    metric: 'gpu_sm_active_ratio',
    unit: 'ratio',
    read: mean(sm),
  },
  {
    name: 'sm-variation',
    level: 'L3',
    words: 'variation of SM activity',
    metric: 'gpu_sm_active_ratio',
    unit: 'number',
    read: variation(sm, BUSY_SM),
  },
  {
    name: 'tensor-per-sm',
    level: 'L3',
    words: 'tensor activity per SM activity',
    metric: 'gpu_tensor_active_ratio',
    unit: 'share',
    read: share(tensor, sm, BUSY_SM),
  },
  {
    name: 'dram-per-sm',
    level: 'L3',
    words: 'memory activity per SM activity',
    metric: 'gpu_dram_active_ratio',
    unit: 'share',
    read: share(dram, sm, BUSY_SM),
  },
  {
    name: 'tensor-per-dram',
    level: 'L3',
    words: 'tensor activity per memory activity',
    metric: 'gpu_dram_active_ratio',
    unit: 'number',
    read: share(tensor, dram, BUSY_SM),
  },
  {
    name: 'integer-tensor-share',
    level: 'L3',
    words: 'share of integers in the tensor work',
    metric: 'gpu_tensor_imma_active_ratio',
    unit: 'ratio',
    read: share(gpu('gpu_tensor_imma_active_ratio'), tensor, BUSY_SM),
  },
  {
    name: 'integer-per-sm',
    level: 'L3',
    words: 'integer activity per SM activity',
    metric: 'gpu_integer_active_ratio',
    unit: 'ratio',
    read: share(gpu('gpu_integer_active_ratio'), sm, BUSY_SM),
  },
  {
    name: 'fp32-per-sm',
    level: 'L3',
    words: 'single-precision activity per SM activity',
    metric: 'gpu_fp32_active_ratio',
    unit: 'ratio',
    read: share(gpu('gpu_fp32_active_ratio'), sm, BUSY_SM),
  },
  {
    name: 'pcie',
    level: 'L3',
    words: 'PCIe traffic',
    metric: 'gpu_pcie_receive_bytes_per_second',
    unit: 'log10 By/s',
    read: traffic(gpu('gpu_pcie_receive_bytes_per_second'), gpu('gpu_pcie_transmit_bytes_per_second')),
  },
  {
    name: 'nvlink',
    level: 'L3',
    words: 'NVLink traffic',
    metric: 'gpu_nvlink_transmit_bytes_per_second',
    unit: 'log10 By/s',
    read: traffic(gpu('gpu_nvlink_receive_bytes_per_second'), gpu('gpu_nvlink_transmit_bytes_per_second')),
  },
];

/** All that is weighed for a GPU: its own features, then those of its node's traffic. */
export const FEATURES: readonly Feature[] = [...GPU_FEATURES, ...TRAFFIC_FEATURES].map(
  ({ read: _, ...feature }) => feature,
);

/**
 * Values of a GPU's features over a window, in the order of {@link FEATURES}.
 * @param traffic of its node, by `readTraffic`
 */
export function readFeatures(gpuWindow: WindowValues, traffic: Float64Array): Float64Array {
  return withTraffic(readGpu(gpuWindow), traffic);
}

/** The same without traffic: its features say nothing. */
export function readGpu(gpuWindow: WindowValues): Float64Array {
  const values = new Float64Array(FEATURES.length).fill(Number.NaN);
  GPU_FEATURES.forEach((feature, index) => {
    values[index] = feature.read(gpuWindow);
  });
  return values;
}

/** A GPU's values, with its node's traffic in place of none. */
export function withTraffic(gpuValues: Float64Array, traffic: Float64Array): Float64Array {
  const values = Float64Array.from(gpuValues);
  values.set(traffic, GPU_FEATURES.length);
  return values;
}

/** Whether something runs on a GPU; traffic is shared out to those alone. */
export function isBusyGpu(gpuWindow: WindowValues): boolean {
  return mean(sm)(gpuWindow) >= BUSY_SM || mean(utilization)(gpuWindow) >= BUSY_SM;
}
