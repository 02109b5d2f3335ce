import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { RowStatistics } from '#libs/model/row-statistics.ts';
import {
  CLOCK_MEMORY,
  CLOCK_SM,
  FIELDS,
  MEMORY,
  MEMORY_V2,
  structVersion,
  TEMPERATURE_GPU,
  TEMPERATURE_V1,
} from '../../nvml/abi.ts';
import type { Argument, NvmlFunction } from '../../nvml/library.ts';
import { FieldValues, uint64At } from './field-values.ts';
import { HERTZ_PER_MEGAHERTZ, WATTS_PER_MILLIWATT } from './units.ts';

const gauge = (name: string) => gaugeOrdinal('gpu', name);
const MEMORY_USED = gauge('gpu_memory_used_bytes');
const MEMORY_USED_RATIO = gauge('gpu_memory_used_ratio');
const TEMPERATURE = gauge('gpu_temperature_celsius');
const MIG_MODE = gauge('gpu_mig_mode');

/** Calls that answer one number, what it is multiplied by, and the gauge. */
const NUMBERS: readonly (readonly [call: NvmlFunction, factor: number, ordinal: number])[] = [
  ['nvmlDeviceGetEnforcedPowerLimit', WATTS_PER_MILLIWATT, gauge('gpu_power_limit_watts')],
  ['nvmlDeviceGetPowerManagementDefaultLimit', WATTS_PER_MILLIWATT, gauge('gpu_power_limit_default_watts')],
  ['nvmlDeviceGetCurrPcieLinkGeneration', 1, gauge('gpu_pcie_link_generation')],
  ['nvmlDeviceGetCurrPcieLinkWidth', 1, gauge('gpu_pcie_link_width')],
  ['nvmlDeviceGetComputeMode', 1, gauge('gpu_compute_mode')],
];
const CLOCKS: readonly (readonly [call: NvmlFunction, type: number, ordinal: number])[] = [
  ['nvmlDeviceGetApplicationsClock', CLOCK_SM, gauge('gpu_sm_clock_application_hertz')],
  ['nvmlDeviceGetApplicationsClock', CLOCK_MEMORY, gauge('gpu_memory_clock_application_hertz')],
  ['nvmlDeviceGetMaxClockInfo', CLOCK_SM, gauge('gpu_sm_clock_maximum_hertz')],
  ['nvmlDeviceGetMaxClockInfo', CLOCK_MEMORY, gauge('gpu_memory_clock_maximum_hertz')],
  ['nvmlDeviceGetMaxCustomerBoostClock', CLOCK_SM, gauge('gpu_sm_clock_customer_maximum_hertz')],
];
const FIELD_GAUGES: readonly (readonly [field: number, ordinal: number])[] = [
  [FIELDS.eccMode, gauge('gpu_ecc_mode')],
  [FIELDS.memoryTemperature, gauge('gpu_memory_temperature_celsius')],
  [FIELDS.nvlinkCount, gauge('gpu_nvlink_links')],
];

const fields = new FieldValues(FIELD_GAUGES.map(([field]) => field));
const answer = Buffer.alloc(64);
const second = Buffer.alloc(4);

/** A GPU, or an instance of one, that may be asked. */
export interface Asked {
  readonly handle: bigint;
  /** Calls, unless it failed lately. @returns whether there is an answer. */
  ask(call: NvmlFunction, atSeconds: number, a: Argument, b?: Argument, c?: Argument): boolean;
}

/** Writes what changes slowly, once a frame. @returns whether MIG is on. */
export function writeSettings(gpu: Asked, row: RowStatistics, atSeconds: number): boolean {
  const { handle } = gpu;
  writeMemory(gpu, row, atSeconds);
  row.gauge(TEMPERATURE, temperature(gpu, atSeconds));
  for (const [call, factor, ordinal] of NUMBERS) {
    if (gpu.ask(call, atSeconds, handle, answer)) row.gauge(ordinal, answer.readUInt32LE() * factor);
  }
  for (const [call, type, ordinal] of CLOCKS) {
    if (gpu.ask(call, atSeconds, handle, type, answer)) {
      row.gauge(ordinal, answer.readUInt32LE() * HERTZ_PER_MEGAHERTZ);
    }
  }
  if (gpu.ask('nvmlDeviceGetFieldValues', atSeconds, handle, FIELD_GAUGES.length, fields.buffer)) {
    for (const [i, [, ordinal]] of FIELD_GAUGES.entries()) row.gauge(ordinal, fields.value(i));
  }
  if (!gpu.ask('nvmlDeviceGetMigMode', atSeconds, handle, answer, second)) return false;
  row.gauge(MIG_MODE, answer.readUInt32LE());
  return answer.readUInt32LE() === 1;
}

/** Used memory, and its share of what the driver leaves for use. */
export function writeMemory(gpu: Asked, row: RowStatistics, atSeconds: number): void {
  const { handle } = gpu;
  answer.writeUInt32LE(structVersion(MEMORY_V2.size, 2), MEMORY_V2.version);
  if (gpu.ask('nvmlDeviceGetMemoryInfo_v2', atSeconds, handle, answer)) {
    const usable = uint64At(answer, MEMORY_V2.total) - uint64At(answer, MEMORY_V2.reserved);
    writeUsed(row, uint64At(answer, MEMORY_V2.used), usable);
  } else if (gpu.ask('nvmlDeviceGetMemoryInfo', atSeconds, handle, answer)) {
    writeUsed(row, uint64At(answer, MEMORY.used), uint64At(answer, MEMORY.total));
  }
}

function writeUsed(row: RowStatistics, usedBytes: number, usableBytes: number): void {
  row.gauge(MEMORY_USED, usedBytes);
  row.gauge(MEMORY_USED_RATIO, usedBytes / usableBytes);
}

function temperature(gpu: Asked, atSeconds: number): number {
  answer.writeUInt32LE(structVersion(TEMPERATURE_V1.size, 1), TEMPERATURE_V1.version);
  answer.writeUInt32LE(TEMPERATURE_GPU, TEMPERATURE_V1.sensorType);
  if (gpu.ask('nvmlDeviceGetTemperatureV', atSeconds, gpu.handle, answer)) {
    return answer.readInt32LE(TEMPERATURE_V1.temperature);
  }
  const got = gpu.ask('nvmlDeviceGetTemperature', atSeconds, gpu.handle, TEMPERATURE_GPU, answer);
  return got ? answer.readUInt32LE() : Number.NaN;
}
