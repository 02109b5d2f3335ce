import type { Flow, SequenceRun, WorkGroup } from './frame.ts';
import { COUNTER_STRIDE, DIGEST_BYTES, GAUGE_STRIDE, MAX_ENTITIES } from './wire.ts';

/** Shared by all frames without any; frozen, so that nobody adds to it. */
const NONE: never[] = Object.freeze([]) as never[];

/**
 * A frame as rows in typed arrays. One object per decoder, overwritten by its next frame: copy what must outlive
 * it. Strings and the lists `flows`, `groups`, `covers` and `faulty` are never overwritten and may be kept.
 */
export class DecodedRows {
  node = '';
  site = '';
  boot = '';
  sequence = 0;
  endMs = 0;
  intervalMs = 0;
  samples = 0;
  /** `LAYOUT_ID` of the sender's catalogue. */
  layout = 0;
  readonly previous = new Uint8Array(DIGEST_BYTES);

  /** How many rows there are: 0 to 65, in the order of the frame. */
  rows = 0;
  /** Per row: index into `ENTITY_KINDS`. */
  readonly kinds = new Uint8Array(MAX_ENTITIES);
  /** Per row: 0 for a host, device index for a GPU. */
  readonly indexes = new Uint8Array(MAX_ENTITIES);
  /** Per row. Longer than `rows` after a longer frame. */
  readonly ids: string[] = new Array(MAX_ENTITIES).fill('');
  /** Column i of row r is at `r * GAUGE_STRIDE + i`; NaN = absent. Only the decoder may write here. */
  readonly gauges = new Float32Array(MAX_ENTITIES * GAUGE_STRIDE).fill(Number.NaN);
  /** Column i of row r is at `r * COUNTER_STRIDE + i`, likewise. */
  readonly counters = new Float64Array(MAX_ENTITIES * COUNTER_STRIDE).fill(Number.NaN);

  flows: Flow[] = NONE;
  groups: WorkGroup[] = NONE;
  covers: SequenceRun[] = NONE;

  /**
   * One name for each value that was absurd and became absent: a column's name, or `flow` or `group` for one
   * that was left out whole.
   */
  faulty: string[] = NONE;
  /** Entities of kinds that this build does not know. */
  unknownEntities = 0;

  /** All but `previous` and the values, which the decoder overwrites one by one. */
  clear(): void {
    this.node = '';
    this.site = '';
    this.boot = '';
    this.sequence = 0;
    this.endMs = 0;
    this.intervalMs = 0;
    this.samples = 0;
    this.layout = 0;
    this.rows = 0;
    this.flows = NONE;
    this.groups = NONE;
    this.covers = NONE;
    this.faulty = NONE;
    this.unknownEntities = 0;
  }
}

/** The list with one more item; a frame's first item begins a list of its own. */
export function added<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}
