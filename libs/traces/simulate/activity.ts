/**
 * What a workload makes a machine do in one second, before physics: shares of what the hardware can do, 0–1, and
 * bytes per second. Power, clocks, temperatures and counters follow from it in `machine.ts`.
 */
export interface Activity {
  readonly host: HostActivity;
  readonly gpus: readonly GpuActivity[];
  /** Long-lived connections that are open in this second. */
  readonly flows: FlowActivity[];
}

export interface HostActivity {
  /** Share of all cores. */
  cpu: number;
  /** Share of the machine's memory. */
  memory: number;
  diskRead: number;
  diskWrite: number;
  /** Traffic beside the flows, bytes per second. */
  receive: number;
  transmit: number;
  fabricReceive: number;
  fabricTransmit: number;
}

export interface GpuActivity {
  /** Share of the second in which some kernel ran: what NVML calls utilisation. */
  utilization: number;
  sm: number;
  /** All tensor cores. */
  tensor: number;
  /** Those for integers: part of `tensor`. */
  imma: number;
  dram: number;
  integer: number;
  fp32: number;
  memory: number;
  pcieReceive: number;
  pcieTransmit: number;
  nvlinkReceive: number;
  nvlinkTransmit: number;
  /** Power that is held whatever the work, as a share of the limit: power smoothing. */
  heldPower: number;
}

export interface FlowActivity {
  /** Who is at the other end, the same text every second. */
  readonly peer: string;
  /** Bytes in this second. */
  readonly up: number;
  readonly down: number;
}

const IDLE_HOST: Readonly<HostActivity> = {
  cpu: 0,
  memory: 0,
  diskRead: 0,
  diskWrite: 0,
  receive: 0,
  transmit: 0,
  fabricReceive: 0,
  fabricTransmit: 0,
};

const IDLE_GPU: Readonly<GpuActivity> = {
  utilization: 0,
  sm: 0,
  tensor: 0,
  imma: 0,
  dram: 0,
  integer: 0,
  fp32: 0,
  memory: 0,
  pcieReceive: 0,
  pcieTransmit: 0,
  nvlinkReceive: 0,
  nvlinkTransmit: 0,
  heldPower: 0,
};

/** A machine that does nothing. */
export function idleActivity(gpus: number): Activity {
  return { host: { ...IDLE_HOST }, gpus: Array.from({ length: gpus }, () => ({ ...IDLE_GPU })), flows: [] };
}

export function clear(activity: Activity): void {
  Object.assign(activity.host, IDLE_HOST);
  for (const gpu of activity.gpus) Object.assign(gpu, IDLE_GPU);
  activity.flows.length = 0;
}

const HOST_FIELDS = Object.keys(IDLE_HOST) as (keyof HostActivity)[];
const GPU_FIELDS = Object.keys(IDLE_GPU) as (keyof GpuActivity)[];

/**
 * Adds `share` of one activity to another: two pieces of work on one machine. Memory is not shared out, each needs
 * its own whole. Shares may come above 1; the machine bounds them.
 * @param gpus places of `from`'s GPUs in `into`; default: the same
 */
export function add(into: Activity, from: Activity, share: number, gpus?: readonly number[]): void {
  for (const field of HOST_FIELDS) into.host[field] += from.host[field] * (field === 'memory' ? 1 : share);
  from.gpus.forEach((gpu, index) => {
    const target = into.gpus[gpus?.[index] ?? index];
    if (target === undefined) return;
    for (const field of GPU_FIELDS) target[field] += gpu[field] * (field === 'memory' ? 1 : share);
  });
  for (const { peer, up, down } of from.flows) into.flows.push({ peer, up: up * share, down: down * share });
}
