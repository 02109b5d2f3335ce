import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { RowStatistics } from '#libs/model/row-statistics.ts';
import {
  CLOCK_MEMORY,
  CLOCK_SM,
  CLOCKS_EVENTS,
  FIELDS,
  PCIE_RECEIVE,
  PCIE_TRANSMIT,
  UTILIZATION,
} from '../../nvml/abi.ts';
import type { Argument, Nvml, NvmlFunction } from '../../nvml/library.ts';
import { Rate } from '../rate.ts';
import { Attempts, type FailureLog } from './attempts.ts';
import { FieldValues, uint64At } from './field-values.ts';
import { Gpm, hasGpm } from './gpm.ts';
import {
  BYTES_PER_KB,
  BYTES_PER_KIB,
  HERTZ_PER_MEGAHERTZ,
  JOULES_PER_MILLIJOULE,
  ratioOf,
  WATTS_PER_MILLIWATT,
} from './units.ts';

const gauge = (name: string) => gaugeOrdinal('gpu', name);
const POWER = gauge('gpu_power_watts');
const POWER_INSTANT = gauge('gpu_power_instant_watts');
const ENERGY = counterOrdinal('gpu', 'gpu_energy_joules_total');
const GPU_UTILIZATION = gauge('gpu_utilization_ratio');
const MEMORY_UTILIZATION = gauge('gpu_memory_controller_utilization_ratio');
const SM_CLOCK = gauge('gpu_sm_clock_hertz');
const MEMORY_CLOCK = gauge('gpu_memory_clock_hertz');
const PCIE = [
  gauge('gpu_pcie_transmit_bytes_per_second'),
  gauge('gpu_pcie_receive_bytes_per_second'),
] as const;
const NVLINK = [
  gauge('gpu_nvlink_transmit_bytes_per_second'),
  gauge('gpu_nvlink_receive_bytes_per_second'),
] as const;
/** Gauge → bits of which one suffices. */
const EVENTS: readonly (readonly [ordinal: number, bits: number])[] = [
  [gauge('gpu_clocks_event_idle_ratio'), CLOCKS_EVENTS.idle],
  [gauge('gpu_clocks_event_application_clocks_ratio'), CLOCKS_EVENTS.applicationClocks],
  [gauge('gpu_clocks_event_power_cap_ratio'), CLOCKS_EVENTS.powerCap],
  [gauge('gpu_clocks_event_sync_boost_ratio'), CLOCKS_EVENTS.syncBoost],
  [gauge('gpu_clocks_event_thermal_ratio'), CLOCKS_EVENTS.softwareThermal | CLOCKS_EVENTS.hardwareThermal],
  [
    gauge('gpu_clocks_event_hardware_slowdown_ratio'),
    CLOCKS_EVENTS.hardwareSlowdown | CLOCKS_EVENTS.powerBrake,
  ],
];
/** Order of the fields of `#fields`. */
const NVLINK_FIELDS = [FIELDS.nvlinkTransmitKiB, FIELDS.nvlinkReceiveKiB];
const SAMPLED_FIELDS = [
  FIELDS.energyMilliJoules,
  FIELDS.pcieTransmitBytes,
  FIELDS.pcieReceiveBytes,
  ...NVLINK_FIELDS,
  FIELDS.powerInstantMilliWatts,
];

/** Answers are read out before the next call: one buffer serves all GPUs. */
const answer = Buffer.alloc(64);

/** One physical GPU, with what is read of it at every sample. */
export class GpuDevice {
  readonly uuid: string;
  readonly index: number;
  readonly attempts: Attempts;
  handle: bigint;
  readonly #nvml: Nvml;
  readonly #failures: FailureLog;
  readonly #fields = new FieldValues(SAMPLED_FIELDS, NVLINK_FIELDS);
  readonly #pcie = [new Rate(), new Rate()] as const;
  readonly #nvlink = [new Rate(), new Rate()] as const;
  #gpm: Gpm | null;
  #migMode = false;
  #pcieCounted = false;

  constructor(nvml: Nvml, handle: bigint, uuid: string, index: number, failures: FailureLog) {
    this.#nvml = nvml;
    this.handle = handle;
    this.uuid = uuid;
    this.index = index;
    this.attempts = new Attempts(uuid, failures);
    this.#failures = failures;
    this.#gpm = this.#openGpm();
  }

  /** Under MIG the whole GPU has no activities; its instances have. */
  get migMode(): boolean {
    return this.#migMode;
  }

  /** What one mode does not offer, the other may. */
  set migMode(on: boolean) {
    if (on !== this.#migMode) this.attempts.forgive();
    this.#migMode = on;
  }

  /** Whether its traffic can only be had by the call that takes 20 ms. */
  get needsSlowPcie(): boolean {
    return !(this.attempts.lost || this.#pcieCounted || this.#gpm?.hasPcie);
  }

  /** Reads what is read at every sample. */
  sample(row: RowStatistics, atSeconds: number): void {
    const { handle } = this;
    if (this.ask('nvmlDeviceGetPowerUsage', atSeconds, handle, answer)) {
      row.gauge(POWER, answer.readUInt32LE() * WATTS_PER_MILLIWATT);
    }
    if (this.ask('nvmlDeviceGetUtilizationRates', atSeconds, handle, answer)) {
      row.gauge(GPU_UTILIZATION, ratioOf(answer.readUInt32LE(UTILIZATION.gpu)));
      row.gauge(MEMORY_UTILIZATION, ratioOf(answer.readUInt32LE(UTILIZATION.memory)));
    }
    row.gauge(SM_CLOCK, this.#clock(CLOCK_SM, atSeconds));
    row.gauge(MEMORY_CLOCK, this.#clock(CLOCK_MEMORY, atSeconds));
    this.#sampleEvents(row, atSeconds);
    if (!this.#migMode) this.#gpm?.sample(handle, row, this.attempts, atSeconds);
    this.#sampleFields(row, atSeconds);
  }

  /** Measures for 20 ms each way. */
  samplePcieSlowly(row: RowStatistics, atSeconds: number): void {
    for (const [way, counter] of [PCIE_TRANSMIT, PCIE_RECEIVE].entries()) {
      if (this.ask('nvmlDeviceGetPcieThroughput', atSeconds, this.handle, counter, answer)) {
        row.gauge(PCIE[way] ?? PCIE[0], answer.readUInt32LE() * BYTES_PER_KB);
      }
    }
  }

  /** Calls, unless it failed lately. @returns whether there is an answer. */
  ask(call: NvmlFunction, atSeconds: number, a: Argument, b?: Argument, c?: Argument): boolean {
    if (!this.attempts.due(call, atSeconds)) return false;
    return this.attempts.answered(call, this.#nvml.call(call, a, b, c), atSeconds);
  }

  /** The GPU is still there, or there again, maybe under another handle. */
  found(handle: bigint): void {
    this.handle = handle;
    if (this.attempts.lost) {
      this.attempts.forgive();
      this.#gpm?.close();
      this.#gpm = null;
    }
    this.#gpm ??= this.#openGpm();
  }

  close(): void {
    this.#gpm?.close();
  }

  #openGpm(): Gpm | null {
    return hasGpm(this.#nvml, this.handle, this.uuid, this.#failures) ? new Gpm(this.#nvml) : null;
  }

  #clock(type: number, atSeconds: number): number {
    const got = this.ask('nvmlDeviceGetClockInfo', atSeconds, this.handle, type, answer);
    return got ? answer.readUInt32LE() * HERTZ_PER_MEGAHERTZ : Number.NaN;
  }

  #sampleEvents(row: RowStatistics, atSeconds: number): void {
    const call = this.#nvml.has('nvmlDeviceGetCurrentClocksEventReasons')
      ? 'nvmlDeviceGetCurrentClocksEventReasons'
      : 'nvmlDeviceGetCurrentClocksThrottleReasons';
    if (!this.ask(call, atSeconds, this.handle, answer)) return;
    const reasons = answer.readUInt32LE();
    for (const [ordinal, bits] of EVENTS) row.gauge(ordinal, (reasons & bits) === 0 ? 0 : 1);
  }

  #sampleFields(row: RowStatistics, atSeconds: number): void {
    const { buffer } = this.#fields;
    if (!this.ask('nvmlDeviceGetFieldValues', atSeconds, this.handle, SAMPLED_FIELDS.length, buffer)) return;
    const energy = this.#fields.value(0);
    row.counter(ENERGY, (Number.isNaN(energy) ? this.#energy(atSeconds) : energy) * JOULES_PER_MILLIJOULE);
    row.gauge(POWER_INSTANT, this.#fields.value(5) * WATTS_PER_MILLIWATT);
    this.#pcieCounted = !Number.isNaN(this.#fields.value(1));
    for (const way of [0, 1] as const) {
      const pcie = this.#pcie[way].per(this.#fields.value(1 + way), atSeconds);
      const nvlink = this.#nvlink[way].per(this.#fields.value(3 + way) * BYTES_PER_KIB, atSeconds);
      if (!this.#gpm?.hasPcie) row.gauge(PCIE[way], pcie);
      if (!this.#gpm?.hasNvlink) row.gauge(NVLINK[way], nvlink);
    }
  }

  #energy(atSeconds: number): number {
    const got = this.ask('nvmlDeviceGetTotalEnergyConsumption', atSeconds, this.handle, answer);
    return got ? uint64At(answer, 0) : Number.NaN;
  }
}
