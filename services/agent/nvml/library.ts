import { endianness } from 'node:os';
import koffi from 'koffi';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { FUNCTION_NOT_FOUND, LIBRARY_MISMATCH, SUCCESS, statusName } from './abi.ts';

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
  readonly #functions: Functions;
  #seconds = 0;

  /**
   * @param path name or path of `libnvidia-ml.so.1`.
   * @throws SourceAbsentError where there is no library or no driver.
   */
  constructor(path: string) {
    this.#functions = loaded(path);
    const status = this.call('nvmlInit_v2');
    // It worked and no longer does: the driver was updated, and its own library must be loaded.
    if (status === LIBRARY_MISMATCH && this.#functions.worked) unload(path);
    this.#functions.worked = status === SUCCESS;
    if (status === SUCCESS) return;
    throw new SourceAbsentError(`${path}: expected a running NVIDIA driver, got ${statusName(status)}`);
  }

  /** @returns an `nvmlReturn_t`. */
  call(name: NvmlFunction, a?: Argument, b?: Argument, c?: Argument, d?: Argument): number {
    const native = this.#functions.named(name);
    if (native === null) return FUNCTION_NOT_FOUND;
    const begunMs = performance.now();
    const status = native(a, b, c, d);
    this.#seconds += (performance.now() - begunMs) / 1_000;
    return status;
  }

  has(name: NvmlFunction): boolean {
    return this.#functions.named(name) !== null;
  }

  /** Time spent inside calls since the last time that this was asked. */
  takeSeconds(): number {
    const seconds = this.#seconds;
    this.#seconds = 0;
    return seconds;
  }

  close(): void {
    this.call('nvmlShutdown');
  }
}

/** Whether the library can be loaded at all, with a driver or without. */
export function isLoadable(path: string): boolean {
  try {
    loaded(path);
    return true;
  } catch (error) {
    if (error instanceof SourceAbsentError) return false;
    throw error;
  }
}

/** The functions of a loaded library, each declared when it is first wanted. */
class Functions {
  readonly library: ReturnType<typeof koffi.load>;
  /** Whether NVML could be initialised the last time. */
  worked = false;
  readonly #declared = new Map<NvmlFunction, Native | null>();

  constructor(library: ReturnType<typeof koffi.load>) {
    this.library = library;
  }

  /** null: the library has no such function. */
  named(name: NvmlFunction): Native | null {
    const known = this.#declared.get(name);
    if (known !== undefined) return known;
    const native = this.#declare(name);
    this.#declared.set(name, native);
    return native;
  }

  #declare(name: NvmlFunction): Native | null {
    try {
      return this.library.func(name, 'int', [...SIGNATURES[name]]) as unknown as Native;
    } catch (error) {
      // koffi has no other way to ask whether a symbol exists.
      if (error instanceof Error && error.message.startsWith('Cannot find function')) return null;
      throw error;
    }
  }
}

/** By path. They stay loaded: to declare the functions anew at every retry would cost 60 KB each time. */
const libraries = new Map<string, Functions>();

function loaded(path: string): Functions {
  const known = libraries.get(path);
  if (known) return known;
  if (endianness() !== 'LE') throw new SourceAbsentError(`${path}: expected a little-endian machine`);
  try {
    const functions = new Functions(koffi.load(path));
    libraries.set(path, functions);
    return functions;
  } catch (cause) {
    throw new SourceAbsentError(`${path}: expected NVIDIA's management library`, { cause });
  }
}

function unload(path: string): void {
  libraries.get(path)?.library.unload();
  libraries.delete(path);
}
