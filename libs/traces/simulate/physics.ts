import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { type EntityRow, emptyRow } from '#libs/model/frame.ts';
import type { Activity, GpuActivity } from './activity.ts';
import type { GpuModel, Hardware, HostModel, Level } from './hardware.ts';
import { cpuWatts, gpuDemandWatts, nodeWatts } from './power.ts';
import type { Random } from './random.ts';

/** Kernel and services: what an idle machine does all the same. Starting values. */
const BASE = { cpu: 0.012, memory: 0.04, receive: 900, transmit: 700, diskWrite: 20_000 };
/** A sensor's own noise, share of the value and W. h100-idle-model-loaded: 0.05 W within 10 s. */
const SENSOR = { share: 0.002, watts: 0.04 };
/**
 * Steady temperature = ambient + kelvin per watt of limit × power; the way there has this time constant.
 * h100-small-ddp: 60 °C at 547 W; h100-idle-model-loaded: 35 °C at 120 W.
 */
const HEAT = { ambient: 27, kelvinAtLimit: 42, seconds: 45 };
/** NVML's memory controller utilisation over DCGM's DRAM activity: 1.27 to 1.30 on the three H100 runs with both. */
const CONTROLLER_OVER_DRAM = 1.29;
/** Time constant of the load average, seconds. */
const LOAD_SECONDS = 60;

const GPU_RATIOS = ['utilization', 'sm', 'tensor', 'imma', 'dram', 'integer', 'fp32', 'memory'] as const;

const unit = (value: number): number => Math.min(1, Math.max(0, value));
const host = (name: string): number => gaugeOrdinal('host', name);
const gpu = (name: string): number => gaugeOrdinal('gpu', name);

const H = {
  cpu: host('cpu_utilization_ratio'),
  nodePower: host('node_power_watts'),
  cpuPower: host('cpu_power_watts'),
  receive: host('network_receive_bytes_per_second'),
  transmit: host('network_transmit_bytes_per_second'),
  diskRead: host('disk_read_bytes_per_second'),
  diskWrite: host('disk_write_bytes_per_second'),
  memoryRatio: host('memory_used_ratio'),
  memoryBytes: host('memory_used_bytes'),
  user: host('cpu_user_ratio'),
  system: host('cpu_system_ratio'),
  frequency: host('cpu_frequency_hertz'),
  temperature: host('cpu_temperature_celsius'),
  load: host('load_average_1m'),
  running: host('processes_running'),
  switches: host('context_switches_per_second'),
  fabricReceive: host('fabric_receive_bytes_per_second'),
  fabricTransmit: host('fabric_transmit_bytes_per_second'),
  connections: host('tcp_connections'),
  longLived: host('tcp_long_lived_connections'),
};
const HC = {
  energy: counterOrdinal('host', 'cpu_energy_joules_total'),
  receive: counterOrdinal('host', 'network_receive_bytes_total'),
  transmit: counterOrdinal('host', 'network_transmit_bytes_total'),
  diskRead: counterOrdinal('host', 'disk_read_bytes_total'),
  diskWrite: counterOrdinal('host', 'disk_write_bytes_total'),
  dropped: counterOrdinal('host', 'agent_frames_dropped_total'),
};
const G = {
  power: gpu('gpu_power_watts'),
  utilization: gpu('gpu_utilization_ratio'),
  controller: gpu('gpu_memory_controller_utilization_ratio'),
  sm: gpu('gpu_sm_active_ratio'),
  tensor: gpu('gpu_tensor_active_ratio'),
  hmma: gpu('gpu_tensor_hmma_active_ratio'),
  imma: gpu('gpu_tensor_imma_active_ratio'),
  integer: gpu('gpu_integer_active_ratio'),
  fp32: gpu('gpu_fp32_active_ratio'),
  powerLimit: gpu('gpu_power_limit_watts'),
  powerLimitDefault: gpu('gpu_power_limit_default_watts'),
  clockMaximum: gpu('gpu_sm_clock_maximum_hertz'),
  idleEvent: gpu('gpu_clocks_event_idle_ratio'),
  powerCapEvent: gpu('gpu_clocks_event_power_cap_ratio'),
  dram: gpu('gpu_dram_active_ratio'),
  memoryBytes: gpu('gpu_memory_used_bytes'),
  memoryRatio: gpu('gpu_memory_used_ratio'),
  temperature: gpu('gpu_temperature_celsius'),
  clock: gpu('gpu_sm_clock_hertz'),
  memoryClock: gpu('gpu_memory_clock_hertz'),
  pcieTransmit: gpu('gpu_pcie_transmit_bytes_per_second'),
  pcieReceive: gpu('gpu_pcie_receive_bytes_per_second'),
  nvlinkTransmit: gpu('gpu_nvlink_transmit_bytes_per_second'),
  nvlinkReceive: gpu('gpu_nvlink_receive_bytes_per_second'),
};
const GPU_ENERGY = counterOrdinal('gpu', 'gpu_energy_joules_total');

/** One GPU: from what it does to what its sensors say. */
export class GpuPhysics {
  /** The present second: means set, statistics NaN. */
  readonly row: EntityRow;
  readonly #model: GpuModel;
  readonly #level: Level;
  readonly #random: Random;
  /** No two chips draw the same for the same work: h100-small-ddp, 8 GPUs. */
  readonly #efficiency: number;
  #celsius = HEAT.ambient;
  #joules: number;

  constructor(model: GpuModel, level: Level, index: number, id: string, random: Random) {
    this.row = emptyRow('gpu', index, id);
    this.#model = model;
    this.#level = level;
    this.#random = random;
    this.#efficiency = random.between(0.97, 1.03);
    this.#joules = Math.floor(random.between(1e8, 1e9));
  }

  /** @returns W over the second */
  second(work: GpuActivity): number {
    for (const field of GPU_RATIOS) work[field] = unit(work[field]);
    const demand = gpuDemandWatts(this.#model, work) * this.#efficiency;
    const watts = this.#sensed(Math.min(demand, this.#model.limitWatts));
    this.#joules += watts;
    this.#celsius += (HEAT.ambient + this.#heatOf(watts) - this.#celsius) / HEAT.seconds;
    this.#write(work, watts, demand);
    return watts;
  }

  #sensed(watts: number): number {
    const noisy =
      watts + (SENSOR.watts + SENSOR.share * (watts - this.#model.idleWatts)) * this.#random.normal();
    return Math.min(this.#model.limitWatts, Math.max(this.#model.idleWatts * 0.97, noisy));
  }

  #heatOf(watts: number): number {
    return (HEAT.kelvinAtLimit * watts) / this.#model.limitWatts;
  }

  #write(work: GpuActivity, watts: number, demand: number): void {
    const { gauges, counters } = this.row;
    const model = this.#model;
    counters[GPU_ENERGY] = this.#joules;
    gauges[G.power] = watts;
    if (this.#level === 'L1') return;
    gauges[G.utilization] = work.utilization;
    gauges[G.controller] = unit(CONTROLLER_OVER_DRAM * work.dram);
    gauges[G.memoryRatio] = work.memory;
    gauges[G.memoryBytes] = work.memory * model.memoryBytes;
    gauges[G.temperature] = this.#celsius;
    gauges[G.clock] = clockOf(model, work, demand);
    gauges[G.memoryClock] = model.memoryClockHertz;
    gauges[G.clockMaximum] = model.clockHertz;
    gauges[G.powerLimit] = model.limitWatts;
    gauges[G.powerLimitDefault] = model.limitWatts;
    gauges[G.idleEvent] = Number(work.utilization === 0);
    gauges[G.powerCapEvent] = Number(demand > model.limitWatts);
    if (this.#level === 'L3') this.#profile(work);
  }

  /** What DCGM adds. */
  #profile(work: GpuActivity): void {
    const { gauges } = this.row;
    const model = this.#model;
    gauges[G.sm] = work.sm;
    gauges[G.tensor] = work.tensor;
    gauges[G.dram] = work.dram;
    gauges[G.pcieTransmit] = Math.min(model.pcie, work.pcieTransmit);
    gauges[G.pcieReceive] = Math.min(model.pcie, work.pcieReceive);
    if (model.nvlink > 0) {
      gauges[G.nvlinkTransmit] = Math.min(model.nvlink, work.nvlinkTransmit);
      gauges[G.nvlinkReceive] = Math.min(model.nvlink, work.nvlinkReceive);
    }
    if (!model.splitPipes) return;
    gauges[G.hmma] = Math.max(0, work.tensor - work.imma);
    gauges[G.imma] = work.imma;
    gauges[G.integer] = work.integer;
    gauges[G.fp32] = work.fp32;
  }
}

/** Full clock while a process holds the GPU, less where the limit of power binds: power goes with about the clock's square. */
function clockOf(model: GpuModel, work: GpuActivity, demand: number): number {
  if (work.memory === 0) return model.idleClockHertz;
  return model.clockHertz * Math.min(1, Math.sqrt(model.limitWatts / demand));
}

/** The machine around the GPUs. */
export class HostPhysics {
  readonly row: EntityRow = emptyRow('host');
  readonly #model: HostModel;
  readonly #level: Level;
  readonly #fabric: boolean;
  readonly #random: Random;
  #celsius = HEAT.ambient + 8;
  #load = 0;

  constructor(hardware: Hardware, random: Random) {
    this.#model = hardware.host;
    this.#level = hardware.level;
    this.#fabric = (hardware.gpu?.nvlink ?? 0) > 0;
    this.#random = random;
    this.row.counters.fill(0);
    this.row.counters[counterOrdinal('host', 'agent_cpu_seconds_total')] = Number.NaN;
  }

  /**
   * @param gpuWatts of all GPUs over the second
   * @param longLived open connections older than ten minutes
   * @returns W of the whole node at the socket, whether or not a sensor in band shows it
   */
  second(activity: Activity, gpuWatts: number, longLived: number): number {
    const cpu = unit(activity.host.cpu + BASE.cpu * (1 + 0.3 * this.#random.normal()));
    const watts = cpuWatts(this.#model, cpu);
    this.#cpu(cpu, watts);
    this.#memory(unit(activity.host.memory + BASE.memory));
    this.#traffic(activity, longLived);
    const node = nodeWatts(this.#model, watts, gpuWatts);
    if (this.#model.powerSensor) this.row.gauges[H.nodePower] = node;
    return node;
  }

  #cpu(cpu: number, watts: number): void {
    const { gauges, counters } = this.row;
    const { cores, clockHertz, cpuLimitWatts } = this.#model;
    gauges[H.cpuPower] = watts;
    counters[HC.energy] = (counters[HC.energy] ?? 0) + watts;
    this.#celsius += (HEAT.ambient + 8 + (40 * watts) / cpuLimitWatts - this.#celsius) / HEAT.seconds;
    this.#load += (cpu * cores - this.#load) / LOAD_SECONDS;
    if (this.#level === 'L1') return;
    gauges[H.cpu] = cpu;
    gauges[H.user] = cpu * 0.85;
    gauges[H.system] = cpu * 0.15;
    gauges[H.frequency] = clockHertz;
    gauges[H.temperature] = this.#celsius;
    gauges[H.load] = this.#load;
    gauges[H.running] = 1 + Math.round(cpu * cores);
    gauges[H.switches] = 1_500 + 40_000 * cpu;
  }

  #memory(used: number): void {
    if (this.#level === 'L1') return;
    this.row.gauges[H.memoryRatio] = used;
    this.row.gauges[H.memoryBytes] = used * this.#model.memoryBytes;
  }

  #traffic({ host: work, flows }: Activity, longLived: number): void {
    const jitter = 1 + 0.2 * this.#random.normal();
    const down = work.receive + BASE.receive * jitter + flows.reduce((sum, flow) => sum + flow.down, 0);
    const up = work.transmit + BASE.transmit * jitter + flows.reduce((sum, flow) => sum + flow.up, 0);
    this.#rate(H.receive, HC.receive, down);
    this.#rate(H.transmit, HC.transmit, up);
    this.#rate(H.diskRead, HC.diskRead, work.diskRead);
    this.#rate(H.diskWrite, HC.diskWrite, work.diskWrite + BASE.diskWrite * jitter);
    const { gauges } = this.row;
    gauges[H.connections] = flows.length + 4;
    gauges[H.longLived] = longLived;
    if (!this.#fabric) return;
    gauges[H.fabricReceive] = Math.max(0, work.fabricReceive);
    gauges[H.fabricTransmit] = Math.max(0, work.fabricTransmit);
  }

  #rate(gauge: number, counter: number, bytes: number): void {
    const whole = Math.max(0, Math.round(bytes));
    this.row.gauges[gauge] = whole;
    this.row.counters[counter] = (this.row.counters[counter] ?? 0) + whole;
  }
}
