/**
 * NVML's C interface, from nvml.h of CUDA 11.8 to 13.3: numbers and places in structs, the same in all of them on 64-bit
 * Linux. `test/fixtures/nvml/stub.c` has the structs in C, and a test compares.
 */

export const SUCCESS = 0;
export const UNINITIALIZED = 1;
export const NOT_SUPPORTED = 3;
export const NOT_FOUND = 6;
export const INSUFFICIENT_SIZE = 7;
export const DRIVER_NOT_LOADED = 9;
export const FUNCTION_NOT_FOUND = 13;
export const GPU_IS_LOST = 15;
export const RESET_REQUIRED = 16;
export const LIBRARY_MISMATCH = 18;

/** `nvmlReturn_t`. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  1: 'UNINITIALIZED',
  2: 'INVALID_ARGUMENT',
  3: 'NOT_SUPPORTED',
  4: 'NO_PERMISSION',
  6: 'NOT_FOUND',
  7: 'INSUFFICIENT_SIZE',
  8: 'INSUFFICIENT_POWER',
  9: 'DRIVER_NOT_LOADED',
  10: 'TIMEOUT',
  11: 'IRQ_ISSUE',
  12: 'LIBRARY_NOT_FOUND',
  13: 'FUNCTION_NOT_FOUND',
  14: 'CORRUPTED_INFOROM',
  15: 'GPU_IS_LOST',
  16: 'RESET_REQUIRED',
  17: 'OPERATING_SYSTEM',
  18: 'LIB_RM_VERSION_MISMATCH',
  19: 'IN_USE',
  20: 'MEMORY',
  21: 'NO_DATA',
  25: 'ARGUMENT_VERSION_MISMATCH',
  26: 'DEPRECATED',
  27: 'NOT_READY',
  28: 'GPU_NOT_FOUND',
  29: 'INVALID_STATE',
  999: 'UNKNOWN',
};

/** The name without `NVML_ERROR_`, for logs and labels; few of them, so that labels stay few. */
export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? `STATUS_${status}`;
}

/** Sizes of structs and places of their members, in bytes. */
export const UTILIZATION = { size: 8, gpu: 0, memory: 4 } as const;
export const MEMORY = { size: 24, total: 0, free: 8, used: 16 } as const;
export const MEMORY_V2 = { size: 40, version: 0, total: 8, reserved: 16, free: 24, used: 32 } as const;
export const TEMPERATURE_V1 = { size: 12, version: 0, sensorType: 4, temperature: 8 } as const;
export const FIELD_VALUE = {
  size: 40,
  fieldId: 0,
  scopeId: 4,
  timestamp: 8,
  latencyUsec: 16,
  valueType: 24,
  nvmlReturn: 28,
  value: 32,
} as const;
export const PROCESS_INFO = {
  size: 24,
  pid: 0,
  usedGpuMemory: 8,
  gpuInstanceId: 16,
  computeInstanceId: 20,
} as const;
export const PROCESS_UTILIZATION = { size: 32, pid: 0, timeStamp: 8, smUtil: 16, memUtil: 20 } as const;
export const CONF_COMPUTE_STATE = { size: 12, environment: 0, ccFeature: 4, devToolsMode: 8 } as const;
export const GPM_SUPPORT = { size: 8, version: 0, isSupportedDevice: 4 } as const;
export const GPM_METRIC = { size: 40, metricId: 0, nvmlReturn: 4, value: 8 } as const;
/**
 * As large as in CUDA 13.3 (333 metrics). The array is the last member and a driver looks at `numMetrics` of it,
 * so that older drivers, which know 98 or 210 metrics, take it too.
 */
export const GPM_METRICS_GET = {
  size: 24 + 333 * GPM_METRIC.size,
  version: 0,
  numMetrics: 4,
  sample1: 8,
  sample2: 16,
  metrics: 24,
} as const;

/** NVML_STRUCT_VERSION: the size in the lower, the number in the upper bits. */
export function structVersion(size: number, version: number): number {
  return size | (version << 24);
}

/** `nvmlValueType_t`. */
export const VALUE_TYPES = {
  double: 0,
  uint: 1,
  ulong: 2,
  ulonglong: 3,
  slonglong: 4,
  sint: 5,
  ushort: 6,
} as const;
export const UUID_BYTES = 96;
export const ALL_LINKS = 0xffff_ffff;
export const MIG_DEVICES_PER_GPU = 7;

/** `nvmlClockType_t`. */
export const CLOCK_SM = 1;
export const CLOCK_MEMORY = 2;
/** `nvmlTemperatureSensors_t`. */
export const TEMPERATURE_GPU = 0;
/** `nvmlPcieUtilCounter_t`. */
export const PCIE_TRANSMIT = 0;
export const PCIE_RECEIVE = 1;

/** `NVML_FI_DEV_*`. */
export const FIELDS = {
  eccMode: 1,
  memoryTemperature: 82,
  energyMilliJoules: 83,
  nvlinkCount: 91,
  nvlinkTransmitKiB: 138,
  nvlinkReceiveKiB: 139,
  powerInstantMilliWatts: 186,
  pcieTransmitBytes: 197,
  pcieReceiveBytes: 198,
} as const;

/** `nvmlClocksEventReason*`. */
export const CLOCKS_EVENTS = {
  idle: 0x1,
  applicationClocks: 0x2,
  powerCap: 0x4,
  hardwareSlowdown: 0x8,
  syncBoost: 0x10,
  softwareThermal: 0x20,
  hardwareThermal: 0x40,
  powerBrake: 0x80,
} as const;

/** `NVML_GPM_METRIC_*`: activities in percent, rates in MiB/s. */
export const GPM = {
  smActive: 2,
  smOccupancy: 3,
  integer: 4,
  anyTensor: 5,
  dfmaTensor: 6,
  hmmaTensor: 7,
  immaTensor: 9,
  dram: 10,
  fp64: 11,
  fp32: 12,
  fp16: 13,
  pcieTransmit: 20,
  pcieReceive: 21,
  nvlinkReceive: 60,
  nvlinkTransmit: 61,
} as const;
