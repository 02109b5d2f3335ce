import { buildRegister } from '#libs/detect/register.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import type { Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { Hall, minute, readingOf, STEPS_A_MINUTE } from './hall.ts';
import { declaration, START_MS } from './world.ts';

const NODES_A_JOB = 6;

export interface Job {
  readonly name: string;
  readonly workload: Workload;
}

export interface PoolPlan {
  readonly hardware: Hardware;
  readonly jobs: readonly Job[];
  readonly minutes: number;
  /** Whether a scheduler names the jobs. */
  readonly named: boolean;
  /** W that a node's meter shows beside the node. */
  readonly offset?: (node: string) => number;
  readonly seed?: number;
}

/**
 * A pool of honest simulated machines under one declaration, six nodes a job; half-way the last node of each goes to
 * the next job. A meter on each shows the last instant of a minute, as the cheapest do. All of it is synthetic.
 */
export function honestPool({ hardware, jobs, minutes, named, offset, seed = 0 }: PoolPlan): Hall {
  const nodes = jobs.flatMap((_, job) =>
    Array.from({ length: NODES_A_JOB }, (_unused, index) => `n${job}-${index}`),
  );
  const jobOf = (node: string, at: number): Job | undefined => {
    const [job = 0, index = 0] = node.slice(1).split('-').map(Number);
    const moved = index === NODES_A_JOB - 1 && at > minutes / 2;
    return jobs[(job + Number(moved)) % jobs.length];
  };
  const machines = new Map(nodes.map((node, index) => [node, machineOf(node, 1_000 * seed + index)]));
  const watts = new Map<string, number>();
  const hall = new Hall(registerOf(nodes, hardware));
  hall.run(
    0,
    minutes,
    nodes,
    (node, at, step) => ({
      entities: live(node, step),
      ...(named && { job: jobOf(node, at)?.name ?? '' }),
    }),
    (at) => nodes.map((node) => readingOf(node, at, (watts.get(node) ?? 0) + (offset?.(node) ?? 0))),
  );
  return hall;

  function machineOf(node: string, ofSeed: number): Machine {
    const shifts = [0, minutes / 2].flatMap((at) => {
      const workload = jobOf(node, at + 1)?.workload;
      return workload ? [{ fromMs: at === 0 ? Number.NEGATIVE_INFINITY : minute(at), workload }] : [];
    });
    return new Machine({ name: node, hardware, shifts, flows: false, seed: ofSeed });
  }

  function live(node: string, step: number): readonly EntityRow[] {
    const machine = machines.get(node);
    const entities = machine?.interval(START_MS + step * 10_000, 10_000).entities ?? [];
    if (step % STEPS_A_MINUTE === 0) watts.set(node, machine?.nodeWatts ?? 0);
    return entities;
  }
}

function registerOf(nodes: readonly string[], hardware: Hardware) {
  const registered = nodes.map((node) => ({
    node,
    tenant: 't1',
    hardware: hardware.name,
    publicKey: null,
    enrolled: false,
  }));
  return buildRegister(registered, [{ ...declaration(nodes, []), behaviours: ['B0', 'B1', 'B2', 'B3'] }]);
}
