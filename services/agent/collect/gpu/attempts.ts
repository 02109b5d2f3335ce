import type { Surroundings } from '#libs/runtime/app.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import {
  DRIVER_NOT_LOADED,
  FUNCTION_NOT_FOUND,
  GPU_IS_LOST,
  LIBRARY_MISMATCH,
  NOT_SUPPORTED,
  RESET_REQUIRED,
  SUCCESS,
  statusName,
  UNINITIALIZED,
} from '../../nvml/abi.ts';

/** What works on another day: a permission, a sensor that is not ready. */
const RETRY_SECONDS = 60;
/** What this GPU or this driver does not have; a mode may bring it back. */
const UNSUPPORTED_RETRY_SECONDS = 600;

const UNSUPPORTED = new Set([NOT_SUPPORTED, FUNCTION_NOT_FOUND]);
const GONE = new Set([GPU_IS_LOST, RESET_REQUIRED]);
const DRIVER_GONE = new Set([UNINITIALIZED, DRIVER_NOT_LOADED, LIBRARY_MISMATCH]);

/** Tells of failed calls: every one is counted, each kind is logged once. */
export class FailureLog {
  readonly #told = new Set<string>();
  readonly #surroundings: Pick<Surroundings, 'counters' | 'log'>;

  constructor(surroundings: Pick<Surroundings, 'counters' | 'log'>) {
    this.#surroundings = surroundings;
  }

  failed(call: string, status: number, gpu: string): void {
    const { counters, log } = this.#surroundings;
    const name = statusName(status);
    counters.add('agent_nvml_failures', { call, status: name });
    const kind = `${call} ${name} ${GONE.has(status) ? gpu : ''}`;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    const level = UNSUPPORTED.has(status) ? 'debug' : 'warn';
    log[level]({ call, status: name, gpu }, 'NVML gives no answer: what it would say is absent');
  }
}

/**
 * The calls about one GPU: one that fails is left alone for a while, and its values are absent. A GPU that has fallen
 * off the bus is not asked anything until `forgive`.
 */
export class Attempts {
  readonly #gpu: string;
  readonly #failures: FailureLog;
  readonly #retryAt = new Map<string, number>();
  #lost = false;

  constructor(gpu: string, failures: FailureLog) {
    this.#gpu = gpu;
    this.#failures = failures;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Whether to call; ask before every call. */
  due(call: string, atSeconds: number): boolean {
    if (this.#lost) return false;
    const retryAt = this.#retryAt.get(call);
    return retryAt === undefined || atSeconds >= retryAt;
  }

  /**
   * Takes the status of a call in.
   * @param retrySeconds for how long it is left alone, if it is supported at all
   * @returns whether there is an answer.
   * @throws SourceAbsentError when it is the driver that is gone, with all GPUs.
   */
  answered(call: string, status: number, atSeconds: number, retrySeconds = RETRY_SECONDS): boolean {
    if (status === SUCCESS) {
      this.#retryAt.delete(call);
      return true;
    }
    this.#failures.failed(call, status, this.#gpu);
    if (DRIVER_GONE.has(status)) {
      throw new SourceAbsentError(`${call}: expected a running NVIDIA driver, got ${statusName(status)}`);
    }
    if (GONE.has(status)) this.#lost = true;
    const wait = UNSUPPORTED.has(status) ? UNSUPPORTED_RETRY_SECONDS : retrySeconds;
    this.#retryAt.set(call, atSeconds + wait);
    return false;
  }

  /** The GPU was found again: everything may be asked. */
  forgive(): void {
    this.#lost = false;
    this.#retryAt.clear();
  }
}
