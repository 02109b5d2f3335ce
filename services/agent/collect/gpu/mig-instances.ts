import type { RowStatistics } from '#libs/model/row-statistics.ts';
import { MIG_DEVICES_PER_GPU, NOT_FOUND, SUCCESS, UUID_BYTES } from '../../nvml/abi.ts';
import type { Argument, Nvml, NvmlFunction } from '../../nvml/library.ts';
import { Attempts, type FailureLog } from './attempts.ts';
import { Gpm, hasGpm } from './gpm.ts';
import type { GpuDevice } from './gpu-device.ts';
import { type Asked, writeMemory } from './gpu-settings.ts';

const HANDLE = 'nvmlDeviceGetMigDeviceHandleByIndex';

/** Where the rows of instances go. @param slot the instance's place among all instances of the node. */
export type InstanceRow = (slot: number, uuid: string) => RowStatistics | null;

/** A MIG device: memory, and the activities of its GPU instance. Power, clocks and processes are the whole GPU's. */
class MigInstance implements Asked {
  readonly uuid: string;
  handle: bigint;
  readonly #nvml: Nvml;
  readonly #attempts: Attempts;
  readonly #gpm: Gpm | null;

  constructor(nvml: Nvml, handle: bigint, uuid: string, gpm: Gpm | null, failures: FailureLog) {
    this.#nvml = nvml;
    this.handle = handle;
    this.uuid = uuid;
    this.#gpm = gpm;
    this.#attempts = new Attempts(uuid, failures);
  }

  ask(call: NvmlFunction, atSeconds: number, a: Argument, b?: Argument, c?: Argument): boolean {
    if (!this.#attempts.due(call, atSeconds)) return false;
    return this.#attempts.answered(call, this.#nvml.call(call, a, b, c), atSeconds);
  }

  /** @param gpu the whole GPU, which is asked for the activities of its instances. */
  sample(gpu: bigint, row: RowStatistics, atSeconds: number): void {
    this.#gpm?.sample(gpu, row, this.#attempts, atSeconds);
  }

  close(): void {
    this.#gpm?.close();
  }
}

/** The instances of one GPU, found anew once a frame: they come and go without a restart of the driver. */
export class MigInstances {
  readonly #nvml: Nvml;
  readonly #gpu: GpuDevice;
  readonly #failures: FailureLog;
  #found = new Map<number, MigInstance>();

  constructor(nvml: Nvml, gpu: GpuDevice, failures: FailureLog) {
    this.#nvml = nvml;
    this.#gpu = gpu;
    this.#failures = failures;
  }

  sample(rowOf: InstanceRow, atSeconds: number): void {
    this.#each(rowOf, (instance, row) => instance.sample(this.#gpu.handle, row, atSeconds));
  }

  report(rowOf: InstanceRow, atSeconds: number): void {
    if (this.#gpu.migMode && !this.#gpu.attempts.lost) this.#find();
    else this.close();
    this.#each(rowOf, (instance, row) => writeMemory(instance, row, atSeconds));
  }

  close(): void {
    for (const instance of this.#found.values()) instance.close();
    this.#found.clear();
  }

  #each(rowOf: InstanceRow, use: (instance: MigInstance, row: RowStatistics) => void): void {
    for (const [place, instance] of this.#found) {
      const row = rowOf(this.#gpu.index * MIG_DEVICES_PER_GPU + place, instance.uuid);
      if (row) use(instance, row);
    }
  }

  #find(): void {
    const before = this.#found;
    this.#found = new Map();
    const counted = new Set<number>();
    for (let place = 0; place < MIG_DEVICES_PER_GPU; place++) {
      const handle = this.#handleOf(place);
      const uuid = handle === null ? null : uuidOf(this.#nvml, handle);
      if (handle === null || uuid === null) continue;
      const known = before.get(place);
      const kept = known?.uuid === uuid ? known : this.#open(handle, uuid, counted);
      kept.handle = handle;
      counted.add(this.#instanceOf(handle));
      this.#found.set(place, kept);
    }
    for (const [place, instance] of before) if (this.#found.get(place) !== instance) instance.close();
  }

  /** Compute instances share the activities of their GPU instance: only the first of them reports these. */
  #open(handle: bigint, uuid: string, counted: ReadonlySet<number>): MigInstance {
    const id = this.#instanceOf(handle);
    const readable =
      id >= 0 && !counted.has(id) && hasGpm(this.#nvml, this.#gpu.handle, uuid, this.#failures);
    const gpm = readable ? new Gpm(this.#nvml, id) : null;
    return new MigInstance(this.#nvml, handle, uuid, gpm, this.#failures);
  }

  #handleOf(place: number): bigint | null {
    const out = Buffer.alloc(8);
    const status = this.#nvml.call(HANDLE, this.#gpu.handle, place, out);
    if (status === SUCCESS) return out.readBigUInt64LE();
    if (status !== NOT_FOUND) this.#failures.failed(HANDLE, status, this.#gpu.uuid);
    return null;
  }

  /** Number of the GPU instance, -1 where the driver does not tell. */
  #instanceOf(handle: bigint): number {
    const out = Buffer.alloc(4);
    const status = this.#nvml.call('nvmlDeviceGetGpuInstanceId', handle, out);
    return status === SUCCESS ? out.readUInt32LE() : -1;
  }
}

/** `GPU-…` or `MIG-…`; null where the driver does not tell. */
export function uuidOf(nvml: Nvml, handle: bigint): string | null {
  const out = Buffer.alloc(UUID_BYTES);
  if (nvml.call('nvmlDeviceGetUUID', handle, out, UUID_BYTES) !== SUCCESS) return null;
  return out.toString('latin1', 0, out.indexOf(0));
}
