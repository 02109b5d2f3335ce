import { Slab } from '#libs/stats/slab.ts';
import { GPU_WINDOW, HOST_WINDOW } from './layout.ts';
import { SEQUENCE_WINDOW } from './sequence-window.ts';

/** Windows kept per node: the present one and two for frames out of order. */
export const KEPT_WINDOWS = 3;
/** Windows of a node's memory: the reference of its own past and the search for an onset. */
export const HISTORY_WINDOWS = 64;
/** Runs of sequence numbers that one window can hold; a frame that would need more is not counted in. */
export const MAX_RUNS = 6;
/** Starts of the agent that are remembered by name. */
const MAX_BOOTS = 8;

/** Columns of a node's numbers. */
export const NODE = {
  /** Ticks counted by the partition when the last frame came. */
  lastTick: 0,
  /** Newest window, in minutes since 1970. */
  newest: 1,
  /** Latest end of a frame. */
  endMs: 2,
  intervalMs: 3,
  /** Starts of the agent so far. */
  boots: 4,
  /** Event time at which the present start was first seen. */
  bootMs: 5,
  /** First GPU's row, −1 without one. */
  firstGpu: 6,
  /** Windows put into the history. */
  recorded: 7,
  /** Windows from here on make the reference. */
  referenceFrom: 8,
  /** Window of receive time for which the clock was last reported. */
  clockWindow: 9,
  /** Sequence windows of the present and the previous start. */
  present: 10,
  previous: 10 + SEQUENCE_WINDOW,
} as const;
const NODE_WIDTH = NODE.previous + SEQUENCE_WINDOW;

/** Columns of one kept window of a node, and of one of its runs. */
export const SLOT = {
  window: 0,
  frames: 1,
  assessed: 2,
  lastEndMs: 3,
  trust: 4,
  runs: 5,
  firstRun: 6,
} as const;
export const RUN = { boot: 0, from: 1, to: 2 } as const;
export const RUN_WIDTH = 3;
export const SLOT_WIDTH = SLOT.firstRun + MAX_RUNS * RUN_WIDTH;

const GPU = { next: 0, index: 1 } as const;
const floats = (length: number) => new Float64Array(length);
const absent = (length: number) => new Float32Array(length).fill(Number.NaN);

/** Numbers per tracked metric in a history row: its windows, then the reference's median and scale. */
export const TRACK_WIDTH = HISTORY_WINDOWS + 2;

/** The state of a partition's nodes: slabs by row, and the few strings beside them. A host's row is its node's. */
export class NodeTable {
  readonly nodes = new Slab(NODE_WIDTH, floats);
  readonly slots = new Slab(KEPT_WINDOWS * SLOT_WIDTH, floats);
  readonly hostWindows = new Slab(KEPT_WINDOWS * HOST_WINDOW.width, floats);
  readonly gpuWindows = new Slab(KEPT_WINDOWS * GPU_WINDOW.width, floats);
  /** Ring of the windows recorded, in minutes since 1970, per node. */
  readonly recorded = new Slab(HISTORY_WINDOWS, (length) => new Int32Array(length));
  readonly hostHistory = new Slab(HOST_WINDOW.tracked.length * TRACK_WIDTH, absent);
  readonly gpuHistory = new Slab(GPU_WINDOW.tracked.length * TRACK_WIDTH, absent);
  readonly gpus = new Slab(2, (length) => new Int32Array(length));
  readonly names: string[] = [];
  readonly sites: string[] = [];
  /** Starts of the agent, oldest first, at most {@link MAX_BOOTS}. */
  readonly boots: string[][] = [];
  /** Declaration the reference belongs to. */
  readonly declared: string[] = [];
  readonly gpuIds: string[] = [];
  readonly #rows = new Map<string, number>();

  /** The node's row, made if it is new. */
  rowOf(node: string, site: string, ticks: number): number {
    const known = this.#rows.get(node);
    if (known !== undefined) {
      if (this.sites[known] !== site) this.sites[known] = site;
      return known;
    }
    const row = this.names.push(node) - 1;
    this.#rows.set(node, row);
    this.sites.push(site);
    this.boots.push([]);
    this.declared.push('');
    for (const slab of this.#nodeSlabs()) slab.ensure(row + 1);
    const at = this.nodes.at(row);
    this.nodes.page(row)[at + NODE.firstGpu] = -1;
    this.nodes.page(row)[at + NODE.lastTick] = ticks;
    return row;
  }

  /** Notes a new start of the agent. */
  started(row: number, boot: string, bootMs: number): void {
    const data = this.nodes.page(row);
    const at = this.nodes.at(row);
    data.copyWithin(at + NODE.previous, at + NODE.present, at + NODE.present + SEQUENCE_WINDOW);
    data.fill(0, at + NODE.present, at + NODE.present + SEQUENCE_WINDOW);
    data[at + NODE.boots] = data[at + NODE.boots]! + 1;
    data[at + NODE.bootMs] = bootMs;
    const boots = this.boots[row]!;
    boots.push(boot);
    if (boots.length > MAX_BOOTS) boots.shift();
  }

  /** Name of a start by its ordinal (1 for the node's first), or null when it is forgotten. */
  bootName(row: number, ordinal: number): string | null {
    const boots = this.boots[row]!;
    return (
      boots[boots.length - 1 - (this.nodes.page(row)[this.nodes.at(row) + NODE.boots]! - ordinal)] ?? null
    );
  }

  /** The GPU's row, made if it is new. */
  gpuOf(row: number, index: number, id: string): number {
    let last = -1;
    for (let gpu = this.firstGpu(row); gpu >= 0; gpu = this.nextGpu(gpu)) {
      if (this.gpuIndex(gpu) === index) {
        if (this.gpuIds[gpu] !== id) this.gpuIds[gpu] = id;
        return gpu;
      }
      last = gpu;
    }
    const gpu = this.gpuIds.push(id) - 1;
    for (const slab of this.#gpuSlabs()) slab.ensure(gpu + 1);
    const data = this.gpus.page(gpu);
    data[this.gpus.at(gpu) + GPU.next] = -1;
    data[this.gpus.at(gpu) + GPU.index] = index;
    if (last < 0) this.nodes.page(row)[this.nodes.at(row) + NODE.firstGpu] = gpu;
    else this.gpus.page(last)[this.gpus.at(last) + GPU.next] = gpu;
    return gpu;
  }

  firstGpu(row: number): number {
    return this.nodes.page(row)[this.nodes.at(row) + NODE.firstGpu]!;
  }

  nextGpu(gpu: number): number {
    return this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.next]!;
  }

  gpuIndex(gpu: number): number {
    return this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.index]!;
  }

  get byteLength(): number {
    return [...this.#nodeSlabs(), ...this.#gpuSlabs()].reduce((sum, slab) => sum + slab.byteLength, 0);
  }

  /** The strings, and the slabs' bytes in a fixed order. The bytes are not copied: use them before the next frame. */
  dump(): { readonly strings: TableStrings; readonly bytes: readonly Uint8Array[] } {
    const { names, sites, boots, declared, gpuIds } = this;
    return {
      strings: { names, sites, boots, declared, gpuIds },
      bytes: [
        ...this.#nodeSlabs().flatMap((slab) => slab.bytes(names.length)),
        ...this.#gpuSlabs().flatMap((slab) => slab.bytes(gpuIds.length)),
      ],
    };
  }

  /** The table that {@link dump} described. @throws RangeError when the bytes do not fit. */
  static restore(strings: TableStrings, bytes: Uint8Array): NodeTable {
    const table = new NodeTable();
    table.names.push(...strings.names);
    table.sites.push(...strings.sites);
    table.boots.push(...strings.boots.map((boots) => [...boots]));
    table.declared.push(...strings.declared);
    table.gpuIds.push(...strings.gpuIds);
    strings.names.forEach((name, row) => {
      table.#rows.set(name, row);
    });
    let from = 0;
    const take = (slab: Slab<Float64Array> | Slab<Float32Array> | Slab<Int32Array>, rows: number) => {
      const size = slab.sizeOf(rows);
      slab.restore(bytes.subarray(from, from + size), rows);
      from += size;
    };
    for (const slab of table.#nodeSlabs()) take(slab, strings.names.length);
    for (const slab of table.#gpuSlabs()) take(slab, strings.gpuIds.length);
    return table;
  }

  #nodeSlabs() {
    return [this.nodes, this.slots, this.hostWindows, this.recorded, this.hostHistory];
  }

  #gpuSlabs() {
    return [this.gpus, this.gpuWindows, this.gpuHistory];
  }
}

export interface TableStrings {
  readonly names: readonly string[];
  readonly sites: readonly string[];
  readonly boots: readonly (readonly string[])[];
  readonly declared: readonly string[];
  readonly gpuIds: readonly string[];
}
