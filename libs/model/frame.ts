import { type EntityKind, LAYOUTS } from './catalogue.ts';

/** The values of one entity over one interval. Index = ordinal in the catalogue; NaN = not measured, never zero. */
export interface EntityRow {
  readonly kind: EntityKind;
  /** 0 for the host, the device index for a GPU. */
  readonly index: number;
  /** Stable identity: empty for the host, the UUID for a GPU. */
  readonly id: string;
  readonly gauges: Float32Array;
  readonly counters: Float64Array;
}

/**
 * The rhythm of one long-lived connection over one interval: counters and timing, no payload.
 * The remote address leaves the node only as a keyed hash.
 */
export interface Flow {
  /** First 8 bytes of HMAC-SHA-256(node secret, remote address and port), hex. */
  readonly peer: string;
  readonly ageSeconds: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Seconds of the interval in which bytes went up, or down: 0 to the interval's length. */
  readonly activeSecondsUp: number;
  readonly activeSecondsDown: number;
}

/**
 * The share of one cgroup (container, slice, job) in the node's work. Names only, no process arguments.
 * NaN: not measured.
 */
export interface WorkGroup {
  readonly label: string;
  readonly cpuUtilizationRatio: number;
  readonly memoryBytes: number;
  /** Share of the SMs of all GPUs together; 0 where it has no process on a GPU. */
  readonly gpuUtilizationRatio: number;
  /** On all GPUs together. */
  readonly gpuMemoryBytes: number;
}

/** What one node reports in-band for one interval (10 s by default). Also the shape of a one-minute summary. */
export interface Frame {
  readonly node: string;
  readonly site: string;
  /** Random per start of the agent, 32 hex digits. Sequence numbers and the chain begin anew with it. */
  readonly boot: string;
  /** 1, 2, 3 … within a boot, without gaps where it is sent. */
  readonly sequence: number;
  /** End of the interval in device time, Unix milliseconds. */
  readonly endMs: number;
  readonly intervalMs: number;
  /** 1 Hz samples in a frame; frames in a summary. */
  readonly samples: number;
  /** SHA-256 of the payload sent before this one in the same boot; 32 zero bytes for the first. */
  readonly previous: Uint8Array;
  readonly entities: readonly EntityRow[];
  readonly flows: readonly Flow[];
  readonly groups: readonly WorkGroup[];
  /** In a summary: the frames it sums up. Empty in a frame. */
  readonly covers: readonly SequenceRun[];
}

/** Consecutive sequence numbers, both ends included. */
export interface SequenceRun {
  readonly from: number;
  readonly to: number;
}

/** A row without a single value. */
export function emptyRow(kind: EntityKind, index = 0, id = ''): EntityRow {
  const { gauges, counters } = LAYOUTS[kind];
  return {
    kind,
    index,
    id,
    gauges: new Float32Array(gauges.length).fill(Number.NaN),
    counters: new Float64Array(counters.length).fill(Number.NaN),
  };
}

/** How series and pages name an entity: `host`, `gpu0`, `gpu1` … */
export function entityName(row: Pick<EntityRow, 'kind' | 'index'>): string {
  return row.kind === 'host' ? 'host' : `${row.kind}${row.index}`;
}

export const FRAMES_PER_SEAL = 90;
export const DEFAULT_INTERVAL_MS = 10_000;
export const SUMMARY_MS = 60_000;
