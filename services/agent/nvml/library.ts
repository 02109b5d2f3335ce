import { endianness } from 'node:os';
import koffi from 'koffi';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { FUNCTION_NOT_FOUND, SUCCESS, statusName } from './abi.ts';

const HANDLE = 'uintptr_t';
const AT = 'void *';
const NUMBER = 'unsigned int';

/** Parameters of the functions used; each returns an `nvmlReturn_t`. */
const SIGNATURES = {
  nvmlInit_v2: [],
  nvmlShutdown: [],
  nvmlSystemGetDriverVersion: [AT, NUMBER],
  nvmlSystemGetConfComputeState: [AT],
  nvmlDeviceGetCount_v2: [AT],
  nvmlDeviceGetHandleByIndex_v2: [NUMBER, AT],
  nvmlDeviceGetUUID: [HANDLE, AT, NUMBER],
  nvmlDeviceGetPowerUsage: [HANDLE, AT],
  nvmlDeviceGetTotalEnergyConsumption: [HANDLE, AT],
  nvmlDeviceGetUtilizationRates: [HANDLE, AT],
  nvmlDeviceGetClockInfo: [HANDLE, NUMBER, AT],
  nvmlDeviceGetCurrentClocksEventReasons: [HANDLE, AT],
  nvmlDeviceGetCurrentClocksThrottleReasons: [HANDLE, AT],
  nvmlDeviceGetFieldValues: [HANDLE, 'int', AT],
  nvmlDeviceGetMemoryInfo: [HANDLE, AT],
  nvmlDeviceGetMemoryInfo_v2: [HANDLE, AT],
  nvmlDeviceGetTemperature: [HANDLE, NUMBER, AT],
  nvmlDeviceGetTemperatureV: [HANDLE, AT],
  nvmlDeviceGetEnforcedPowerLimit: [HANDLE, AT],
  nvmlDeviceGetPowerManagementDefaultLimit: [HANDLE, AT],
  nvmlDeviceGetApplicationsClock: [HANDLE, NUMBER, AT],
  nvmlDeviceGetMaxClockInfo: [HANDLE, NUMBER, AT],
  nvmlDeviceGetMaxCustomerBoostClock: [HANDLE, NUMBER, AT],
  nvmlDeviceGetCurrPcieLinkGeneration: [HANDLE, AT],
  nvmlDeviceGetCurrPcieLinkWidth: [HANDLE, AT],
  nvmlDeviceGetPcieThroughput: [HANDLE, NUMBER, AT],
  nvmlDeviceGetComputeMode: [HANDLE, AT],
  nvmlDeviceGetMigMode: [HANDLE, AT, AT],
  nvmlDeviceGetMigDeviceHandleByIndex: [HANDLE, NUMBER, AT],
  nvmlDeviceGetGpuInstanceId: [HANDLE, AT],
  nvmlDeviceGetComputeRunningProcesses_v2: [HANDLE, AT, AT],
  nvmlDeviceGetComputeRunningProcesses_v3: [HANDLE, AT, AT],
  nvmlDeviceGetMPSComputeRunningProcesses_v2: [HANDLE, AT, AT],
  nvmlDeviceGetMPSComputeRunningProcesses_v3: [HANDLE, AT, AT],
  nvmlDeviceGetProcessUtilization: [HANDLE, AT, AT, 'uint64_t'],
  nvmlGpmQueryDeviceSupport: [HANDLE, AT],
  nvmlGpmSampleAlloc: [AT],
  nvmlGpmSampleFree: [HANDLE],
  nvmlGpmSampleGet: [HANDLE, HANDLE],
  nvmlGpmMigSampleGet: [HANDLE, NUMBER, HANDLE],
  nvmlGpmMetricsGet: [AT],
} as const;

export type NvmlFunction = keyof typeof SIGNATURES;
/** A handle, a number, or where the answer is written to. */
export type Argument = bigint | number | Uint8Array;
type Native = (a?: Argument, b?: Argument, c?: Argument, d?: Argument) => number;

/**
 * NVML, loaded by FFI and initialised. Calls are synchronous and mostly one ioctl each; their time is added up.
 * A function that an older driver lacks answers FUNCTION_NOT_FOUND.
 */
export class Nvml {
  readonly #library: ReturnType<typeof koffi.load>;
  readonly #functions = new Map<NvmlFunction, Native>();
  #seconds = 0;

  /**
   * @param path name or path of `libnvidia-ml.so.1`.
   * @throws SourceAbsentError where there is no library or no driver.
   */
  constructor(path: string) {
    this.#library = loadLibrary(path);
    for (const [name, parameters] of Object.entries(SIGNATURES)) {
      const native = functionOf(this.#library, name, parameters);
      if (native) this.#functions.set(name as NvmlFunction, native);
    }
    const status = this.call('nvmlInit_v2');
    if (status === SUCCESS) return;
    this.#library.unload();
    throw new SourceAbsentError(`${path}: expected a running NVIDIA driver, got ${statusName(status)}`);
  }

  /** @returns an `nvmlReturn_t`. */
  call(name: NvmlFunction, a?: Argument, b?: Argument, c?: Argument, d?: Argument): number {
    const native = this.#functions.get(name);
    if (native === undefined) return FUNCTION_NOT_FOUND;
    const begunMs = performance.now();
    const status = native(a, b, c, d);
    this.#seconds += (performance.now() - begunMs) / 1_000;
    return status;
  }

  has(name: NvmlFunction): boolean {
    return this.#functions.has(name);
  }

  /** Time spent inside calls since the last time that this was asked. */
  takeSeconds(): number {
    const seconds = this.#seconds;
    this.#seconds = 0;
    return seconds;
  }

  /** Unloads the library too: after an update of the driver, the new one must be loaded. */
  close(): void {
    this.call('nvmlShutdown');
    this.#functions.clear();
    this.#library.unload();
  }
}

/** Whether the library can be loaded at all, with a driver or without. */
export function isLoadable(path: string): boolean {
  try {
    loadLibrary(path).unload();
    return true;
  } catch (error) {
    if (error instanceof SourceAbsentError) return false;
    throw error;
  }
}

function loadLibrary(path: string): ReturnType<typeof koffi.load> {
  if (endianness() !== 'LE') throw new SourceAbsentError(`${path}: expected a little-endian machine`);
  try {
    return koffi.load(path);
  } catch (cause) {
    throw new SourceAbsentError(`${path}: expected NVIDIA's management library`, { cause });
  }
}

function functionOf(
  library: ReturnType<typeof koffi.load>,
  name: string,
  parameters: readonly string[],
): Native | null {
  try {
    return library.func(name, 'int', [...parameters]) as unknown as Native;
  } catch (error) {
    // koffi has no other way to ask whether a symbol exists.
    if (error instanceof Error && error.message.startsWith('Cannot find function')) return null;
    throw error;
  }
}
