import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import type { Gathering } from '../../gathering.ts';
import { CONF_COMPUTE_STATE, SUCCESS, statusName } from '../../nvml/abi.ts';
import { Nvml } from '../../nvml/library.ts';
import type { Collector, Roots } from '../collector.ts';
import { Attempts, FailureLog } from './attempts.ts';
import { GpuDevice } from './gpu-device.ts';
import { GpuProcesses, type ProcessWork } from './gpu-processes.ts';
import { writeSettings } from './gpu-settings.ts';
import { groupWork } from './group-work.ts';
import { type InstanceRow, MigInstances, uuidOf } from './mig-instances.ts';

const CC_MODE = gaugeOrdinal('gpu', 'gpu_confidential_compute_mode');
const CC_CALL = 'nvmlSystemGetConfComputeState';
/** GPUs are looked for again after this time: one may have been reset, added or taken away. */
const LOOK_SECONDS = 60;
const VERSION_BYTES = 80;
/** A frame has room for this many GPUs and instances. */
const INDICES = 64;

interface Found {
  readonly gpu: GpuDevice;
  readonly instances: MigInstances;
}

/**
 * NVIDIA GPUs by NVML. At every sample what has a shape; once a frame what changes slowly, the processes, and the
 * GPUs themselves.
 */
export class NvmlCollector implements Collector {
  readonly #nvml: Nvml;
  readonly #procRoot: string;
  readonly #surroundings: Pick<Surroundings, 'counters' | 'log'>;
  readonly #failures: FailureLog;
  readonly #system: Attempts;
  readonly #processes: GpuProcesses;
  readonly #found = new Map<string, Found>();
  /** Every UUID keeps its index while the driver runs: a lost GPU does not rename the others. */
  readonly #indices = new Map<string, number>();
  /** GPUs whose PCIe traffic has to be measured slowly: one a sample, each once a frame at most. */
  #slow: GpuDevice[] = [];
  #lookedSeconds = Number.NEGATIVE_INFINITY;

  /** @throws SourceAbsentError where there is no library, no driver or no GPU. */
  constructor(library: string, { procRoot }: Roots, surroundings: Pick<Surroundings, 'counters' | 'log'>) {
    this.#nvml = new Nvml(library);
    this.#procRoot = procRoot;
    this.#surroundings = surroundings;
    this.#failures = new FailureLog(surroundings);
    this.#system = new Attempts('', this.#failures);
    this.#processes = new GpuProcesses(this.#nvml);
    try {
      this.#look();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How many GPUs there are, without instances. */
  get gpus(): number {
    return this.#found.size;
  }

  /** e.g. `580.95.05`; `unknown` where the driver does not tell. */
  get driverVersion(): string {
    const out = Buffer.alloc(VERSION_BYTES);
    const status = this.#nvml.call('nvmlSystemGetDriverVersion', out, VERSION_BYTES);
    return status === SUCCESS ? out.toString('latin1', 0, out.indexOf(0)) : 'unknown';
  }

  sample(gathering: Gathering, atSeconds: number): void {
    for (const { gpu, instances } of this.#found.values()) {
      const row = gathering.row('gpu', gpu.index, gpu.uuid);
      if (gpu.attempts.lost) continue;
      gpu.sample(row, atSeconds);
      instances.sample(this.#rowsOf(gathering), atSeconds);
    }
    const slow = this.#slow.pop();
    if (slow) slow.samplePcieSlowly(gathering.row('gpu', slow.index, slow.uuid), atSeconds);
    this.#tellTime();
  }

  report(gathering: Gathering, atSeconds: number): void {
    if (atSeconds - this.#lookedSeconds >= LOOK_SECONDS) {
      this.#look();
      this.#lookedSeconds = atSeconds;
    }
    const confidential = this.#confidentialMode(atSeconds);
    const work = new Map<number, ProcessWork>();
    for (const { gpu, instances } of this.#found.values()) {
      if (gpu.attempts.lost) continue;
      const row = gathering.row('gpu', gpu.index, gpu.uuid);
      gpu.migMode = writeSettings(gpu, row, atSeconds);
      row.gauge(CC_MODE, confidential);
      this.#processes.report(gpu, row, work, atSeconds);
      instances.report(this.#rowsOf(gathering), atSeconds);
    }
    gathering.gpuWork = groupWork(work, this.#found.size, this.#procRoot);
    if (this.#slow.length === 0) this.#slow = this.#slowGpus();
    this.#tellTime();
  }

  close(): void {
    for (const { gpu, instances } of this.#found.values()) {
      instances.close();
      gpu.close();
    }
    this.#found.clear();
    this.#nvml.close();
  }

  #slowGpus(): GpuDevice[] {
    return [...this.#found.values()].map(({ gpu }) => gpu).filter((gpu) => gpu.needsSlowPcie);
  }

  #rowsOf(gathering: Gathering): InstanceRow {
    return (slot, uuid) => {
      const index = this.#indices.size + slot;
      return index < INDICES ? gathering.row('gpu', index, uuid) : null;
    };
  }

  /** Finds the GPUs that there are; those that are gone are forgotten. */
  #look(): void {
    const present = new Set<string>();
    const count = this.#count();
    for (let index = 0; index < count; index++) {
      const handle = this.#handleOf(index);
      const uuid = handle === null ? null : uuidOf(this.#nvml, handle);
      if (handle === null || uuid === null) continue;
      present.add(uuid);
      const known = this.#found.get(uuid);
      if (known) known.gpu.found(handle);
      else this.#add(handle, uuid);
    }
    for (const [uuid, { gpu, instances }] of this.#found) {
      if (present.has(uuid)) continue;
      instances.close();
      gpu.close();
      this.#found.delete(uuid);
    }
    this.#surroundings.counters.set('agent_gpus', {}, this.#found.size);
    if (count === 0) throw new SourceAbsentError('NVML: expected a GPU, got none');
  }

  #add(handle: bigint, uuid: string): void {
    const index = this.#indices.get(uuid) ?? this.#indices.size;
    if (index >= INDICES) return;
    this.#indices.set(uuid, index);
    const gpu = new GpuDevice(this.#nvml, handle, uuid, index, this.#failures);
    this.#found.set(uuid, { gpu, instances: new MigInstances(this.#nvml, gpu, this.#failures) });
  }

  #count(): number {
    const out = Buffer.alloc(4);
    const status = this.#nvml.call('nvmlDeviceGetCount_v2', out);
    if (status === SUCCESS) return out.readUInt32LE();
    throw new SourceAbsentError(`nvmlDeviceGetCount: expected GPUs, got ${statusName(status)}`);
  }

  #handleOf(index: number): bigint | null {
    const call = 'nvmlDeviceGetHandleByIndex_v2';
    const out = Buffer.alloc(8);
    const status = this.#nvml.call(call, index, out);
    if (status === SUCCESS) return out.readBigUInt64LE();
    this.#failures.failed(call, status, String(index));
    return null;
  }

  /** 0 off, 1 on, 2 on in developer mode; NaN where the driver does not tell. */
  #confidentialMode(atSeconds: number): number {
    const out = Buffer.alloc(CONF_COMPUTE_STATE.size);
    if (!this.#system.due(CC_CALL, atSeconds)) return Number.NaN;
    if (!this.#system.answered(CC_CALL, this.#nvml.call(CC_CALL, out), atSeconds)) return Number.NaN;
    if (out.readUInt32LE(CONF_COMPUTE_STATE.ccFeature) === 0) return 0;
    return out.readUInt32LE(CONF_COMPUTE_STATE.devToolsMode) === 0 ? 1 : 2;
  }

  #tellTime(): void {
    this.#surroundings.counters.add('agent_nvml_seconds', {}, this.#nvml.takeSeconds());
  }
}
