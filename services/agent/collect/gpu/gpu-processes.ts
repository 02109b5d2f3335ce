import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { RowStatistics } from '#libs/model/row-statistics.ts';
import { INSUFFICIENT_SIZE, NOT_FOUND, PROCESS_INFO, PROCESS_UTILIZATION } from '../../nvml/abi.ts';
import type { Nvml, NvmlFunction } from '../../nvml/library.ts';
import { uint64At } from './field-values.ts';
import type { GpuDevice } from './gpu-device.ts';

const PROCESSES = gaugeOrdinal('gpu', 'gpu_processes');
const UTILIZATION = 'nvmlDeviceGetProcessUtilization';
/** Room for so many processes at first, and so many at most: beyond, the GPU's processes are absent. */
const FIRST_ROOM = 128;
const MOST_ROOM = 8_192;
/** The driver says "not available" by all bits, and a process has less than this. */
const LARGEST_MEMORY = 2 ** 50;

/** Widths of an entry without instances, with them, and with protected memory. */
const WIDTHS = [16, PROCESS_INFO.size, 32] as const;
const WIDEST = 32;
/** No process, instance or amount of memory ends with this byte. */
const UNTOUCHED = 0xa5;

/** What a process does on all GPUs that it uses. */
export interface ProcessWork {
  /** NaN: the driver does not tell. */
  memoryBytes: number;
  /** Sum over GPUs of the share of their SMs, 0 to the number of GPUs. */
  sms: number;
}

/** Version 2 has one layout in almost all drivers; version 3 had others in driver 535 and some later ones. */
const LISTS: readonly (readonly NvmlFunction[])[] = [
  ['nvmlDeviceGetComputeRunningProcesses_v2', 'nvmlDeviceGetComputeRunningProcesses_v3'],
  ['nvmlDeviceGetMPSComputeRunningProcesses_v2', 'nvmlDeviceGetMPSComputeRunningProcesses_v3'],
];

/** Reads which processes compute on GPUs: numbers of processes only, which never leave the node. */
export class GpuProcesses {
  readonly #nvml: Nvml;
  readonly #count = Buffer.alloc(4);
  /** Per GPU, the time of the driver's last sample, µs. */
  readonly #seen = new Map<string, bigint>();
  #list = Buffer.alloc(FIRST_ROOM * WIDEST);
  #samples = Buffer.alloc(FIRST_ROOM * PROCESS_UTILIZATION.size);

  constructor(nvml: Nvml) {
    this.#nvml = nvml;
  }

  /** Adds the work on this GPU to `work`, by process, and writes their number. */
  report(gpu: GpuDevice, row: RowStatistics, work: Map<number, ProcessWork>, atSeconds: number): void {
    const listed = LISTS.map((calls) => this.#readList(gpu, calls, work, atSeconds));
    row.gauge(PROCESSES, listed[0] === null ? Number.NaN : (listed[0] ?? 0) + (listed[1] ?? 0));
    if (work.size > 0 && !gpu.migMode) this.#readUtilization(gpu, work, atSeconds);
  }

  /** @returns how many there are, null where the driver does not tell. */
  #readList(
    gpu: GpuDevice,
    calls: readonly NvmlFunction[],
    work: Map<number, ProcessWork>,
    atSeconds: number,
  ): number | null {
    const call = calls.find((name) => this.#nvml.has(name)) ?? calls[0];
    if (call === undefined || !gpu.attempts.due(call, atSeconds)) return null;
    const status = this.#withRoom(true, () => {
      // Room for the widest of the layouts.
      this.#count.writeUInt32LE(Math.floor(this.#list.length / WIDEST));
      this.#list.fill(UNTOUCHED);
      return this.#nvml.call(call, gpu.handle, this.#count, this.#list);
    });
    if (!gpu.attempts.answered(call, status, atSeconds)) return null;
    const count = this.#count.readUInt32LE();
    const width = entryWidth(this.#list, count);
    for (let at = 0; at < count * width; at += width) {
      const bytes = uint64At(this.#list, at + PROCESS_INFO.usedGpuMemory);
      workOf(work, this.#list.readUInt32LE(at)).memoryBytes += bytes < LARGEST_MEMORY ? bytes : Number.NaN;
    }
    return count;
  }

  /** The driver gives one sample per process that was busy; several since the last time are averaged. */
  #readUtilization(gpu: GpuDevice, work: Map<number, ProcessWork>, atSeconds: number): void {
    if (!gpu.attempts.due(UTILIZATION, atSeconds)) return;
    const last = this.#seen.get(gpu.uuid) ?? 0n;
    const status = this.#withRoom(false, () => {
      this.#count.writeUInt32LE(this.#samples.length / PROCESS_UTILIZATION.size);
      return this.#nvml.call(UTILIZATION, gpu.handle, this.#samples, this.#count, last);
    });
    // No process was busy.
    if (status === NOT_FOUND || !gpu.attempts.answered(UTILIZATION, status, atSeconds)) return;
    const sums = new Map<number, { percent: number; samples: number }>();
    let newest = last;
    for (let i = 0, at = 0; i < this.#count.readUInt32LE(); i++, at += PROCESS_UTILIZATION.size) {
      const time = this.#samples.readBigUInt64LE(at + PROCESS_UTILIZATION.timeStamp);
      const percent = this.#samples.readUInt32LE(at + PROCESS_UTILIZATION.smUtil);
      // The driver fills the buffer up with older samples, and with nonsense.
      if (time <= last || percent > 100) continue;
      if (time > newest) newest = time;
      const pid = this.#samples.readUInt32LE(at + PROCESS_UTILIZATION.pid);
      const sum = sums.get(pid) ?? { percent: 0, samples: 0 };
      sums.set(pid, { percent: sum.percent + percent, samples: sum.samples + 1 });
    }
    this.#seen.set(gpu.uuid, newest);
    for (const [pid, { percent, samples }] of sums) {
      const known = work.get(pid);
      if (known) known.sms += percent / samples / 100;
    }
  }

  /** Calls again with more room where there was too little. @param list for the list, or for the samples. */
  #withRoom(list: boolean, call: () => number): number {
    const status = call();
    const wanted = this.#count.readUInt32LE();
    if (status !== INSUFFICIENT_SIZE || wanted > MOST_ROOM) return status;
    const room = Math.min(MOST_ROOM, 2 * wanted);
    if (list) this.#list = Buffer.alloc(Math.max(room * WIDEST, this.#list.length));
    else this.#samples = Buffer.alloc(Math.max(room * PROCESS_UTILIZATION.size, this.#samples.length));
    return call();
  }
}

/**
 * How wide the entries are that the driver wrote: it has been 16, 24 and 32 bytes under one name.
 * @param list filled with `UNTOUCHED` before the call.
 */
function entryWidth(list: Buffer, count: number): number {
  let end = list.length;
  while (end > 0 && list[end - 1] === UNTOUCHED) end -= 1;
  return WIDTHS.find((width) => width * count >= end) ?? WIDEST;
}

function workOf(work: Map<number, ProcessWork>, pid: number): ProcessWork {
  const known = work.get(pid) ?? { memoryBytes: 0, sms: 0 };
  work.set(pid, known);
  return known;
}
