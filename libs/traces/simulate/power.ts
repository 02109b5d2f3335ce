import type { GpuActivity } from './activity.ts';
import type { GpuModel, HostModel } from './hardware.ts';

/**
 * What the parts of a GPU add to its idle power when fully active, as shares of its limit. Fitted by hand to the
 * mean power of three runs on 8x H100: h100-small-ddp 547 W, h100-speculative-decoding 207 W, h100-fsdp-offload
 * 186 W; it gives 534, 257 and 196 W.
 */
const GPU_SHARES = {
  /** A process with memory on the GPU. h100-idle-model-loaded: 120 W; DOMAIN 6.1: 26–66 W over bare idle. */
  context: 0.07,
  sm: 0.46,
  tensor: 0.95,
  dram: 0.35,
  /** Starting value: integer work was not measured in those runs. */
  integer: 0.2,
};

/** What the GPU would draw for this work if nothing bounded it, W. At least idle; may be above the limit. */
export function gpuDemandWatts(model: GpuModel, work: GpuActivity): number {
  const context = work.memory > 0 ? GPU_SHARES.context : 0;
  const active =
    context +
    GPU_SHARES.sm * work.sm +
    GPU_SHARES.tensor * work.tensor +
    GPU_SHARES.dram * work.dram +
    GPU_SHARES.integer * work.integer;
  return Math.max(model.idleWatts + active * model.limitWatts, work.heldPower * model.limitWatts);
}

/** Share of the span from idle to limit by CPU utilisation: concave, as clocks boost first. Starting value. */
const CPU_EXPONENT = 0.8;

/** @param cpu utilisation, 0–1 @returns W, from idle to the limit */
export function cpuWatts({ cpuIdleWatts, cpuLimitWatts }: HostModel, cpu: number): number {
  return cpuIdleWatts + (cpuLimitWatts - cpuIdleWatts) * cpu ** CPU_EXPONENT;
}

/** What a power supply takes from the socket for a watt inside. Starting value: 80 PLUS Platinum at half load. */
const SUPPLY_FACTOR = 1.06;

/** W at the socket. */
export function nodeWatts(host: HostModel, cpu: number, gpus: number): number {
  return SUPPLY_FACTOR * (host.boardWatts + cpu + gpus);
}
