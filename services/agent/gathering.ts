import type { EntityKind } from '#libs/model/catalogue.ts';
import type { EntityRow, Flow, WorkGroup } from '#libs/model/frame.ts';
import { RowStatistics } from '#libs/model/row-statistics.ts';

/** What one frame says about the node, beside its name and place in the chain. */
export interface Gathered {
  readonly samples: number;
  readonly entities: readonly EntityRow[];
  readonly flows: readonly Flow[];
  readonly groups: readonly WorkGroup[];
}

/** What a cgroup does on all GPUs of the node together. */
export interface GpuWork {
  readonly gpuMemoryBytes: number;
  /** Share of the SMs of all GPUs, 0 to 1. */
  readonly gpuUtilizationRatio: number;
}

/** The frame being gathered: collectors write into it, and `take` closes it. */
export class Gathering {
  readonly host = new RowStatistics('host');
  flows: readonly Flow[] = [];
  groups: readonly WorkGroup[] = [];
  /** By cgroup's path below the root, for whoever names the groups; before these are named. */
  gpuWork: ReadonlyMap<string, GpuWork> = new Map();
  #samples = 0;
  readonly #rows = new Map<string, RowStatistics>([['host', this.host]]);

  get samples(): number {
    return this.#samples;
  }

  /** The row of a device, e.g. `('gpu', 0, uuid)`; stays in every later frame, NaN while nothing is written. */
  row(kind: EntityKind, index: number, id: string): RowStatistics {
    const key = `${kind}${index}${id}`;
    const row = this.#rows.get(key) ?? new RowStatistics(kind, index, id);
    this.#rows.set(key, row);
    return row;
  }

  sampled(): void {
    this.#samples += 1;
  }

  /** Closes the interval: what was gathered, and a clean start for the next. */
  take(): Gathered {
    const rows = [...this.#rows.values()];
    const gathered = {
      samples: this.#samples,
      entities: rows.map((row) => row.row()),
      flows: this.flows,
      groups: this.groups,
    };
    for (const row of rows) row.reset();
    this.flows = [];
    this.groups = [];
    this.gpuWork = new Map();
    this.#samples = 0;
    return gathered;
  }
}
