import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { RowStatistics } from '#libs/model/row-statistics.ts';
import { GPM, GPM_METRIC, GPM_METRICS_GET, GPM_SUPPORT, SUCCESS } from '../../nvml/abi.ts';
import type { Nvml } from '../../nvml/library.ts';
import type { Attempts, FailureLog } from './attempts.ts';
import { BYTES_PER_MIB, ratioOf } from './units.ts';

const SUPPORT = 'nvmlGpmQueryDeviceSupport';
const GET = 'nvmlGpmMetricsGet';
const SUPPORT_VERSION = 1;
const METRICS_GET_VERSION = 1;
/** The driver takes its counters anew every 100 ms: between two readings must lie more, timers' jitter included. */
const BETWEEN_SECONDS = 0.12;
/** Two readings that cannot be compared say nothing of the next two. */
const RETRY_SECONDS = 1;
/** Read ten times a second, the reading before the last is old enough. */
const KEPT_SAMPLES = 3;

/** Metric of the driver → gauge, and what its number is multiplied by. */
const ACTIVITIES: readonly (readonly [metric: number, gauge: string])[] = [
  [GPM.smActive, 'gpu_sm_active_ratio'],
  [GPM.anyTensor, 'gpu_tensor_active_ratio'],
  [GPM.hmmaTensor, 'gpu_tensor_hmma_active_ratio'],
  [GPM.immaTensor, 'gpu_tensor_imma_active_ratio'],
  [GPM.dfmaTensor, 'gpu_tensor_dfma_active_ratio'],
  [GPM.integer, 'gpu_integer_active_ratio'],
  [GPM.fp64, 'gpu_fp64_active_ratio'],
  [GPM.fp32, 'gpu_fp32_active_ratio'],
  [GPM.fp16, 'gpu_fp16_active_ratio'],
  [GPM.dram, 'gpu_dram_active_ratio'],
  [GPM.smOccupancy, 'gpu_sm_occupancy_ratio'],
];
const RATES: readonly (readonly [metric: number, gauge: string])[] = [
  [GPM.pcieTransmit, 'gpu_pcie_transmit_bytes_per_second'],
  [GPM.pcieReceive, 'gpu_pcie_receive_bytes_per_second'],
  [GPM.nvlinkTransmit, 'gpu_nvlink_transmit_bytes_per_second'],
  [GPM.nvlinkReceive, 'gpu_nvlink_receive_bytes_per_second'],
];
const METRICS = [...ACTIVITIES, ...RATES].map(([metric, gauge], i) => ({
  metric,
  at: GPM_METRICS_GET.metrics + i * GPM_METRIC.size,
  ordinal: gaugeOrdinal('gpu', gauge),
  ratio: i < ACTIVITIES.length,
}));
/** The first of each pair tells whether GPM knows the traffic of this GPU. */
const PCIE = METRICS.findIndex(({ metric }) => metric === GPM.pcieTransmit);
const NVLINK = METRICS.findIndex(({ metric }) => metric === GPM.nvlinkTransmit);

/** The question to the driver, shared by all GPUs: calls are synchronous, and it holds no state between them. */
const question = Buffer.alloc(GPM_METRICS_GET.size);
question.writeUInt32LE(METRICS_GET_VERSION, GPM_METRICS_GET.version);
question.writeUInt32LE(METRICS.length, GPM_METRICS_GET.numMetrics);
for (const { metric, at } of METRICS) question.writeUInt32LE(metric, at + GPM_METRIC.metricId);

/** Whether the GPU has performance metrics at all: Hopper and later. @param uuid names it where the driver fails. */
export function hasGpm(nvml: Nvml, device: bigint, uuid: string, failures: FailureLog): boolean {
  const support = Buffer.alloc(GPM_SUPPORT.size);
  support.writeUInt32LE(SUPPORT_VERSION, GPM_SUPPORT.version);
  const status = nvml.call(SUPPORT, device, support);
  if (status !== SUCCESS) failures.failed(SUPPORT, status, uuid);
  return status === SUCCESS && support.readUInt32LE(GPM_SUPPORT.isSupportedDevice) !== 0;
}

/** The driver's memory of one reading. */
interface Sample {
  readonly handle: bigint;
  /** When it was read; NaN: it holds nothing. */
  atSeconds: number;
}

/**
 * GPU performance metrics: the driver's counters are read into a sample, and two samples make averages of the time
 * between them. The oldest sample is used again for the next reading, which is compared with the newest that is not too
 * young.
 */
export class Gpm {
  readonly #nvml: Nvml;
  readonly #instance: number | null;
  /** The newest last. */
  readonly #samples: Sample[] = [];
  /** Whether the last answer had rates of PCIe, and of NVLink. */
  hasPcie = false;
  hasNvlink = false;

  /** @param instance the GPU instance of a MIG device; null: the whole GPU. */
  constructor(nvml: Nvml, instance: number | null = null) {
    this.#nvml = nvml;
    this.#instance = instance;
  }

  /** Takes the counters and writes what they did since the last time. */
  sample(device: bigint, row: RowStatistics, attempts: Attempts, atSeconds: number): void {
    const call = this.#instance === null ? 'nvmlGpmSampleGet' : 'nvmlGpmMigSampleGet';
    if (!(attempts.due(call, atSeconds) && attempts.due(GET, atSeconds) && this.#allocated())) return;
    const now = this.#oldest();
    if (!attempts.answered(call, this.#take(call, device, now.handle), atSeconds)) {
      this.#begin();
      return;
    }
    const before = this.#samples.findLast((one) => atSeconds - one.atSeconds >= BETWEEN_SECONDS);
    now.atSeconds = atSeconds;
    if (before === undefined) return;
    question.writeBigUInt64LE(before.handle, GPM_METRICS_GET.sample1);
    question.writeBigUInt64LE(now.handle, GPM_METRICS_GET.sample2);
    const status = this.#nvml.call(GET, question);
    if (attempts.answered(GET, status, atSeconds, RETRY_SECONDS)) this.#write(row);
    else this.#forgetRates();
  }

  /** The oldest sample, empty again, in the newest's place. */
  #oldest(): Sample {
    const [{ handle } = { handle: 0n }] = this.#samples.splice(0, 1);
    const sample = { handle, atSeconds: Number.NaN };
    this.#samples.push(sample);
    return sample;
  }

  close(): void {
    for (const { handle } of this.#samples.splice(0)) this.#nvml.call('nvmlGpmSampleFree', handle);
  }

  /** After a reading that failed no earlier one is compared with. */
  #begin(): void {
    for (const sample of this.#samples) sample.atSeconds = Number.NaN;
    this.#forgetRates();
  }

  #take(call: 'nvmlGpmSampleGet' | 'nvmlGpmMigSampleGet', device: bigint, sample: bigint): number {
    if (this.#instance === null) return this.#nvml.call(call, device, sample);
    return this.#nvml.call(call, device, this.#instance, sample);
  }

  #allocated(): boolean {
    while (this.#samples.length < KEPT_SAMPLES) {
      const handle = this.#allocate();
      if (handle === 0n) return false;
      this.#samples.unshift({ handle, atSeconds: Number.NaN });
    }
    return true;
  }

  #allocate(): bigint {
    const out = Buffer.alloc(8);
    return this.#nvml.call('nvmlGpmSampleAlloc', out) === SUCCESS ? out.readBigUInt64LE() : 0n;
  }

  #write(row: RowStatistics): void {
    for (const { at, ordinal, ratio } of METRICS) {
      if (question.readInt32LE(at + GPM_METRIC.nvmlReturn) !== SUCCESS) continue;
      const value = question.readDoubleLE(at + GPM_METRIC.value);
      row.gauge(ordinal, ratio ? ratioOf(value) : value * BYTES_PER_MIB);
    }
    this.hasPcie = answered(PCIE);
    this.hasNvlink = answered(NVLINK);
  }

  #forgetRates(): void {
    this.hasPcie = false;
    this.hasNvlink = false;
  }
}

function answered(index: number): boolean {
  const at = METRICS[index]?.at ?? GPM_METRICS_GET.metrics;
  return (
    question.readInt32LE(at + GPM_METRIC.nvmlReturn) === SUCCESS &&
    Number.isFinite(question.readDoubleLE(at + GPM_METRIC.value))
  );
}
