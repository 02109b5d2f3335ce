import type { Family } from './families.ts';
import type { Hardware } from './simulate/hardware.ts';
import { type Random, wander } from './simulate/random.ts';
import { onShare, type Process, type Workload } from './simulate/workload.ts';
import { type Range, trafficOf } from './traffic.ts';

/** log10 of bytes per second below which traffic is that of an idle link, whatever the level of the work. */
const QUIET_LOG = 6.7;

/** One run's own numbers. */
type Drawn = Readonly<Record<Exclude<keyof Family, 'name' | 'behaviour'>, number>>;

/**
 * A run of a family: its numbers drawn once from the family's ranges, the same on all GPUs but for their place in
 * the cycle. The host feeds them: what it moves is of the node, and so is what else runs on it.
 */
export function variedRun(family: Family): Workload {
  return {
    name: family.name,
    behaviour: family.behaviour,
    start: ({ random, gpus, hardware }): Process => {
      const drawn = routed(draw(family, random), hardware);
      const cycleSeconds = 10 ** drawn.cycle;
      const drift = wander(random, 10 ** drawn.drift, random.between(0.3, 0.95));
      const together = random.uniform() < 0.5;
      const phases = Array.from({ length: gpus }, () =>
        together ? 0 : 1000 * random.between(0, cycleSeconds),
      );
      const up = random.between(0.05, 0.95);
      const move = trafficOf(drawn, gpus, random.fork());
      return (timeMs, into) => {
        const level = Math.max(0, 1 + drift());
        let sum = 0;
        phases.forEach((phaseMs, gpu) => {
          const on = onShare(timeMs + phaseMs, cycleSeconds, drawn.duty);
          const own = (drawn.rest + (1 - drawn.rest) * on) * level;
          sum += own;
          const target = into.gpus[gpu];
          if (target) Object.assign(target, work(drawn, own, up));
        });
        move(into.host, sum / Math.max(1, gpus));
        into.host.cpu = 0.1;
      };
    },
  };
}

function draw(family: Family, random: Random): Drawn {
  const numbers = Object.entries(family).filter((entry): entry is [string, Range] => Array.isArray(entry[1]));
  return Object.fromEntries(
    numbers.map(([name, [low, high]]) => [name, random.between(low, high)]),
  ) as unknown as Drawn;
}

/** Without NVLink the same bytes between GPUs go over PCIe. */
function routed(p: Drawn, { gpu }: Hardware): Drawn {
  if ((gpu?.nvlink ?? 0) > 0 || p.nvlink <= QUIET_LOG) return p;
  return { ...p, pcie: Math.log10(10 ** p.pcie + 10 ** p.nvlink) };
}

function work(p: Drawn, level: number, up: number) {
  const sm = p.sm * level;
  const tensor = sm * p.tensorPerSm;
  // What is quiet is so at any level: polling and the counters' own noise.
  const pcie = 10 ** p.pcie * (p.pcie > QUIET_LOG ? level : 1);
  const nvlink = 10 ** p.nvlink * (p.nvlink > QUIET_LOG ? level : 1);
  return {
    utilization: p.utilization * Math.min(1, level),
    sm,
    tensor,
    imma: tensor * p.integerShare,
    dram: sm * p.dramPerSm,
    integer: sm * p.integerPerSm,
    fp32: sm * p.fp32PerSm,
    memory: p.memory,
    pcieTransmit: pcie * up,
    pcieReceive: pcie * (1 - up),
    nvlinkTransmit: nvlink / 2,
    nvlinkReceive: nvlink / 2,
    heldPower: p.heldPower,
  };
}
