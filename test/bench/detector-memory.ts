import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { TierPolicy } from '#libs/detect/tiers/choice.ts';

/** One fleet in memory, as its own process found it. */
export interface TierMemory {
  readonly tier: TierPolicy['mode'];
  readonly name: string;
  readonly entities: number;
  /** Resident memory that they add, windows, past, chains, names and maps included, after a collection. */
  readonly rssBytes: number;
  readonly rssBytesPerEntity: number;
  /** Largest resident memory of the process, decoded frames and garbage included. */
  readonly peakRssBytes: number;
  /** Slabs and names, as a checkpoint holds them. */
  readonly checkpointBytesPerEntity: number;
  /** Frame bytes to assessments, chain verified, at this size of the state; per second of the process's CPU. */
  readonly entitiesPerSecondPerCore: number;
}

export interface MemoryTask {
  readonly policy: TierPolicy;
  readonly name: string;
  readonly gpus: number;
  readonly nodes: number;
}

const MILLION = 1_000_000;
const RICH = 100_000;
const ENTITIES = 9;

const task = (mode: TierPolicy['mode'], entities: number, gpus: number): MemoryTask => ({
  policy: { mode, richEntities: RICH, key: 'bench' },
  name: gpus === 0 ? 'host' : 'node of 8 GPUs',
  gpus,
  nodes: Math.ceil(entities / (1 + gpus)),
});

const TASKS: readonly MemoryTask[] = [
  task('rich', RICH, 0),
  task('rich', RICH, ENTITIES - 1),
  task('cheap', MILLION, 0),
  task('cheap', MILLION, ENTITIES - 1),
  // As a detector runs: the first hundred thousand rich for good, half as many for a while, turns, the others cheap.
  task('auto', MILLION, 0),
];

/** One process after another: what one has grown to would hide what the next needs. */
export async function benchTierMemory(tasks: readonly MemoryTask[] = TASKS): Promise<TierMemory[]> {
  const measured: TierMemory[] = [];
  for (const one of tasks) measured.push(await inChild(one));
  return measured;
}

async function inChild(task: MemoryTask): Promise<TierMemory> {
  const child = fork(new URL('./detector-memory-child.ts', import.meta.url), {
    execArgv: [...process.execArgv, '--expose-gc', '--max-old-space-size=6000'],
  });
  child.send(task);
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`measuring ${task.name} in the ${task.policy.mode} tier ended with ${String(code)}`);
    }),
  ])) as [TierMemory];
  return message;
}
