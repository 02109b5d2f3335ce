import type { Behaviour } from '#libs/model/behaviour.ts';
import { type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow, Flow, WorkGroup } from '#libs/model/frame.ts';
import { RowStatistics } from '#libs/model/row-statistics.ts';
import { type Activity, clear, idleActivity } from './activity.ts';
import { FlowTable } from './flow-table.ts';
import type { Hardware } from './hardware.ts';
import { GpuPhysics, HostPhysics } from './physics.ts';
import { Random } from './random.ts';
import type { Process, Workload } from './workload.ts';

export interface MachinePlan {
  /** Names its GPUs and its peers. */
  readonly name: string;
  readonly hardware: Hardware;
  /** What runs from when on, in order of time; before the first it is idle. */
  readonly shifts: readonly Shift[];
  /** Whether the agent can read connections. */
  readonly flows: boolean;
  readonly seed: number;
}

export interface Shift {
  readonly fromMs: number;
  readonly workload: Workload;
}

/** What a frame says of the machine, beside its name and its place in the chain. */
export interface Measured {
  readonly samples: number;
  readonly entities: readonly EntityRow[];
  readonly flows: readonly Flow[];
  readonly groups: readonly WorkGroup[];
}

const SECOND_MS = 1000;

/**
 * A simulated machine: a workload's activity, the physics of its hardware, and what an agent reads of it at 1 Hz.
 * The same plan and the same seconds give the same values, bit by bit. Everything it says is simulated.
 */
export class Machine {
  /** The present second: host first, then the GPUs; means alone. Overwritten by the next second. */
  readonly rows: readonly EntityRow[];
  readonly #plan: MachinePlan;
  readonly #random: Random;
  readonly #activity: Activity;
  readonly #host: HostPhysics;
  readonly #gpus: readonly GpuPhysics[];
  readonly #flows: FlowTable;
  readonly #statistics: readonly RowStatistics[];
  #shift = -1;
  #process: Process = () => undefined;
  #nodeWatts = 0;

  constructor(plan: MachinePlan) {
    const { name, hardware } = plan;
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    this.#activity = idleActivity(hardware.gpus);
    this.#host = new HostPhysics(hardware, this.#random.fork());
    const { gpu, level } = hardware;
    this.#gpus =
      gpu === null
        ? []
        : Array.from(
            { length: hardware.gpus },
            (_, index) => new GpuPhysics(gpu, level, index, `GPU-${name}-${index}`, this.#random.fork()),
          );
    this.rows = [this.#host.row, ...this.#gpus.map(({ row }) => row)];
    this.#flows = new FlowTable(`${name}/${plan.seed}`);
    this.#statistics = this.rows.map(({ kind, index, id }) => new RowStatistics(kind, index, id));
  }

  /** What the whole node draws at the socket in the present second, W: what a meter outside would see. */
  get nodeWatts(): number {
    return this.#nodeWatts;
  }

  /** What it really does in the present second: the label. */
  get behaviour(): Behaviour {
    return this.#plan.shifts[this.#shift]?.workload.behaviour ?? 'B0';
  }

  /** Lives through one second. @param timeMs its end; later than that of the last call */
  second(timeMs: number): void {
    this.#begin(timeMs);
    const activity = this.#activity;
    clear(activity);
    this.#process(timeMs, activity);
    this.#flows.second(timeMs, activity.flows);
    let gpuWatts = 0;
    this.#gpus.forEach((gpu, index) => {
      const work = activity.gpus[index];
      if (work) gpuWatts += gpu.second(work);
    });
    this.#nodeWatts = this.#host.second(activity, gpuWatts, this.#flows.longLived(timeMs));
  }

  /** Lives through an interval second by second, and sums it up as an agent does. @param endMs its end */
  interval(endMs: number, intervalMs: number): Measured {
    const samples = Math.round(intervalMs / SECOND_MS);
    for (let back = samples - 1; back >= 0; back--) {
      this.second(endMs - back * SECOND_MS);
      this.#sample();
    }
    const entities = this.#statistics.map((statistics) => {
      const row = statistics.row();
      statistics.reset();
      return row;
    });
    const flows = this.#flows.take(endMs);
    return { samples, entities, flows: this.#plan.flows ? flows : [], groups: [] };
  }

  #begin(timeMs: number): void {
    const { shifts, hardware } = this.#plan;
    const next = shifts[this.#shift + 1];
    if (next === undefined || next.fromMs >= timeMs) return;
    this.#shift++;
    this.#process = next.workload.start({ hardware, gpus: this.#gpus.length, random: this.#random.fork() });
    this.#begin(timeMs);
  }

  #sample(): void {
    this.#statistics.forEach((statistics, place) => {
      const row = this.rows[place];
      if (row === undefined) return;
      for (const ordinal of MEANS[row.kind]) statistics.gauge(ordinal, row.gauges[ordinal] ?? Number.NaN);
      row.counters.forEach((value, ordinal) => {
        statistics.counter(ordinal, value);
      });
    });
  }
}

/** Ordinals of the gauges that are sampled. */
const MEANS: Readonly<Record<EntityKind, readonly number[]>> = { host: meansOf('host'), gpu: meansOf('gpu') };

function meansOf(kind: EntityKind): number[] {
  return LAYOUTS[kind].gauges.flatMap(({ statistic }, ordinal) => (statistic === 'mean' ? [ordinal] : []));
}
