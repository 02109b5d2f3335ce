import type { Surroundings } from '#libs/runtime/app.ts';
import { agentSelf } from './agent-self.ts';
import { cgroups } from './cgroups.ts';
import type { CollectorSpec } from './collector.ts';
import { cpu } from './cpu.ts';
import { disk } from './disk.ts';
import { frequency } from './frequency.ts';
import { type GpuSources, gpuCollectors } from './gpu/gpus.ts';
import { infiniband } from './infiniband.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { network } from './network.ts';
import { nodePower } from './node-power.ts';
import { pressure } from './pressure.ts';
import { rapl } from './rapl.ts';
import { type FlowSettings, sockets } from './sockets.ts';
import { thermal } from './thermal.ts';

/**
 * Every source of a node, in the order in which they are read: GPUs before the groups that work on them.
 * @param dropped frames lost because the spool was full.
 */
export function nodeCollectors(
  settings: FlowSettings & GpuSources,
  dropped: () => number,
  surroundings: Surroundings,
): readonly CollectorSpec[] {
  return [...gpuCollectors(settings, surroundings), ...hostCollectors(settings, dropped)];
}

/** Every source of a host, without its GPUs. @param dropped frames lost because the spool was full. */
export function hostCollectors(flows: FlowSettings, dropped: () => number): readonly CollectorSpec[] {
  return [
    cpu,
    nodePower,
    rapl,
    memory,
    network,
    disk,
    infiniband,
    sockets(flows),
    load,
    pressure,
    thermal,
    frequency,
    cgroups,
    agentSelf(dropped),
  ];
}
