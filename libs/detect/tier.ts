import type { Floats } from '#libs/stats/moments.ts';
import { Slab } from '#libs/stats/slab.ts';
import { Baseline, calendarSlab } from './baseline.ts';
import { CHEAP_GPU_WINDOW, CHEAP_HOST_WINDOW, GPU_WINDOW, HOST_WINDOW, type WindowLayout } from './layout.ts';
import { SharePanes } from './shares/panes.ts';
import { Places } from './tiers/places.ts';

/** Windows kept per node in the rich tier: the present one and two for frames out of order. */
export const KEPT_WINDOWS = 3;
/** Windows of a rich node's memory: the reference of its own past and the search for an onset. */
export const HISTORY_WINDOWS = 64;
/** Runs of sequence numbers that one window can hold; a frame that would need more is not counted in. */
export const MAX_RUNS = 6;

/** Columns of one kept window of a node, and of one of its runs. */
export const SLOT = {
  /** Minutes since 1970 at its end. */
  window: 0,
  frames: 1,
  assessed: 2,
  /** Latest end of a frame, ms after the window's begin. */
  lastEnd: 3,
  trust: 4,
  /** 1: part of it was gathered in the cheap tier. */
  cheap: 5,
  runs: 6,
  firstRun: 7,
} as const;
export const RUN = { boot: 0, from: 1, to: 2 } as const;
export const RUN_WIDTH = 3;
export const SLOT_WIDTH = SLOT.firstRun + MAX_RUNS * RUN_WIDTH;

/** Of each tracked metric: its windows, then the median and the scale of its reference. */
export class History extends Slab<Float32Array> {
  readonly windows: number;
  /** Numbers of one tracked metric. */
  readonly track: number;

  constructor(windows: number, layout: WindowLayout) {
    super(layout.tracked.length * (windows + 2), (length) => new Float32Array(length).fill(Number.NaN));
    this.windows = windows;
    this.track = windows + 2;
  }
}

/** In the order of the column that names a node's tier. */
export const TIERS = ['rich', 'cheap'] as const;
export type TierName = (typeof TIERS)[number];

interface Widths {
  readonly keptWindows: number;
  readonly historyWindows: number;
  readonly host: WindowLayout;
  readonly gpu: WindowLayout;
  readonly floats: (length: number) => Floats;
}

/**
 * Cheap: two windows, of 32 bits: the present one, and one for frames out of order. Of the past the reference alone,
 * made in the rich tier, and two windows to go on from there.
 */
const WIDTHS: Readonly<Record<TierName, Widths>> = {
  rich: {
    keptWindows: KEPT_WINDOWS,
    historyWindows: HISTORY_WINDOWS,
    host: HOST_WINDOW,
    gpu: GPU_WINDOW,
    floats: (length) => new Float64Array(length),
  },
  cheap: {
    keptWindows: 2,
    historyWindows: 2,
    host: CHEAP_HOST_WINDOW,
    gpu: CHEAP_GPU_WINDOW,
    floats: (length) => new Float32Array(length),
  },
};

/** The slabs of one tier. Rows are the *places* of its nodes and GPUs, used again when one has moved on. */
export class Tier {
  readonly name: TierName;
  readonly keptWindows: number;
  readonly host: WindowLayout;
  readonly gpu: WindowLayout;
  readonly hosts: Places;
  readonly gpus: Places;
  readonly slots: Slab<Uint32Array>;
  readonly hostWindows: Slab<Floats>;
  readonly gpuWindows: Slab<Floats>;
  /** Ring of the windows recorded, in minutes since 1970, per node. */
  readonly recorded: Slab<Int32Array>;
  readonly hostHistory: History;
  readonly gpuHistory: History;
  /** Hours of the week and last frames: null in the cheap tier. A node that comes back from it begins them anew. */
  readonly calendar: Slab<Float64Array> | null;
  readonly hostBaseline: Baseline | null;
  readonly gpuBaseline: Baseline | null;
  /** Shares of behaviours over the last day, likewise. */
  readonly shares: SharePanes | null;

  constructor(name: TierName) {
    const { keptWindows, historyWindows, host, gpu, floats } = WIDTHS[name];
    this.name = name;
    this.keptWindows = keptWindows;
    this.host = host;
    this.gpu = gpu;
    this.slots = new Slab(keptWindows * SLOT_WIDTH, (length) => new Uint32Array(length));
    this.hostWindows = new Slab(keptWindows * host.width, floats);
    this.gpuWindows = new Slab(keptWindows * gpu.width, floats);
    this.recorded = new Slab(historyWindows, (length) => new Int32Array(length));
    this.hostHistory = new History(historyWindows, host);
    this.gpuHistory = new History(historyWindows, gpu);
    const rich = name === 'rich';
    this.calendar = rich ? calendarSlab() : null;
    this.hostBaseline = rich ? new Baseline(host) : null;
    this.gpuBaseline = rich ? new Baseline(gpu) : null;
    this.shares = rich ? new SharePanes() : null;
    const hostSlabs = [...(this.calendar ? [this.calendar] : []), ...(this.hostBaseline?.slabs ?? [])];
    this.hosts = new Places(
      [this.slots, this.hostWindows, this.recorded, ...hostSlabs, ...(this.shares?.slabs ?? [])],
      [this.hostHistory],
    );
    this.gpus = new Places([this.gpuWindows, ...(this.gpuBaseline?.slabs ?? [])], [this.gpuHistory]);
  }

  /** Hosts and GPUs in it. */
  get entities(): number {
    return this.hosts.taken + this.gpus.taken;
  }

  get byteLength(): number {
    return this.hosts.byteLength + this.gpus.byteLength;
  }
}
