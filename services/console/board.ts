import type { Verdict } from '#libs/ledger/assessment-port.ts';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, CONFORMITIES, GRADES, type Grade } from '#libs/model/behaviour.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import { SPANS, type Span } from './api/contract/fleet.ts';
import { containsWindow, type Period } from './fleet.ts';

const BEHAVIOUR_LIST = Object.keys(BEHAVIOURS) as Behaviour[];
const GRADE_LIST = Object.keys(GRADES) as Grade[];

/** A kept verdict holds until the next, an hour later at most; the rest is for what comes late. */
export const KEPT_HOLD_MS = 65 * 60_000;
/** Verdicts from the bus come once a minute while a node is heard, and once an hour while it is not. */
const HEARD_HOLD_MS = 5 * 60_000;

const NONE = '.'.charCodeAt(0);
const CODES = Uint8Array.from({ length: 36 }, (_, value) => value.toString(36).charCodeAt(0));
const VALUES = new Uint8Array(128);
for (const [value, code] of CODES.entries()) VALUES[code] = value;

/** How grave a conformity is, by its place in the model's list; grades stand in that order already. */
const GRAVITY = ['conforms', 'cannot tell', 'undeclared', 'deviates'] as const;
const CONFORMITY_GRAVITY = CONFORMITIES.map((conformity) => GRAVITY.indexOf(conformity));

const STRIPS = 3;
const NO_VERDICT = '.'.repeat(STRIPS);

/** The strips of one span: per node a ring of cells for each of behaviour, conformity and grade, as characters. */
interface Ring {
  readonly cells: number;
  readonly cellMs: number;
  /** [node][strip][cell]. */
  strips: Uint8Array;
  /** Number of the newest cell since 1970; -1: none. */
  newest: Float64Array;
  /** [node][behaviour]: milliseconds that it held in the newest cell. */
  held: Uint32Array;
}

/** What a board shows of a node beside its strips. */
export interface NodeStanding {
  readonly behaviour: Behaviour;
  readonly conformity: (typeof CONFORMITIES)[number];
  readonly grade: Grade;
  readonly heartbeat: (typeof HEARTBEATS)[number];
  /** End of its newest window. */
  readonly windowEndMs: number;
  /** End of the newest window in which it was heard; null: not within what the board knows. */
  readonly heardMs: number | null;
}

export interface Strips {
  readonly behaviours: string;
  readonly conformities: string;
  readonly grades: string;
}

/**
 * What every node looked like over the last hour, day and week of event time: 1 KiB a node in typed arrays.
 *
 * Verdicts of a node are taken in the order of their windows; what is older than its newest is left out. A verdict
 * covers its window, and holds until the next one's, no longer than `KEPT_HOLD_MS`.
 */
export class Board {
  readonly #rows = new Map<string, number>();
  readonly #rings: Record<Span, Ring>;
  #capacity = 64;
  /** [node]: its newest window's end, and that of the newest in which it was heard; 0: none. */
  #toMs = new Float64Array(this.#capacity);
  #heardMs = new Float64Array(this.#capacity);
  #holdMs = new Float64Array(this.#capacity);
  /** [node][behaviour, conformity, grade, heartbeat]: places in the model's lists. */
  #verdicts = new Uint8Array(this.#capacity * 4);
  #tickMs = 0;
  #windowMs = 0;
  readonly #scratch = Buffer.alloc(Math.max(...Object.values(SPANS).map(({ cells }) => cells)));

  constructor() {
    this.#rings = {
      hour: newRing(SPANS.hour, this.#capacity),
      day: newRing(SPANS.day, this.#capacity),
      week: newRing(SPANS.week, this.#capacity),
    };
  }

  /** The present in event time: the newest tick, or before any was heard, the end of the newest window. 0: none. */
  get clockMs(): number {
    return this.#tickMs || this.#windowMs;
  }

  /** Windows up to this one will be taken: what lies a span before it need not be filled in. */
  expect(windowEndMs: number): void {
    this.#windowMs = Math.max(this.#windowMs, windowEndMs);
  }

  tick(timeMs: number): void {
    this.#tickMs = Math.max(this.#tickMs, timeMs);
  }

  /**
   * @param source where it comes from: the ledger has one an hour, the bus has all.
   * @returns whether the node's newest verdict is another than before.
   */
  take(verdict: Verdict, source: 'ledger' | 'bus'): boolean {
    const codes = codesOf(verdict);
    const row = this.#row(verdict.node);
    const toMs = verdict.windowEndMs;
    const coveredMs = this.#toMs[row] ?? 0;
    if (toMs < coveredMs) return false;
    const isNew = coveredMs === 0;
    const fromMs = toMs - SUMMARY_MS;
    if (!isNew) this.#fill(row, coveredMs, Math.min(fromMs, coveredMs + (this.#holdMs[row] ?? 0)));
    const changed = isNew || codes.some((code, at) => code !== this.#verdicts[row * 4 + at]);
    // It was heard until the window in which it no longer was.
    if (changed && !isNew && this.#verdicts[row * 4 + 3] === 0) {
      this.#heardMs[row] = Math.max(coveredMs, Math.min(fromMs, coveredMs + (this.#holdMs[row] ?? 0)));
    }
    this.#verdicts.set(codes, row * 4);
    this.#fill(row, fromMs, toMs);
    this.#toMs[row] = toMs;
    if (verdict.heartbeat === 'present') this.#heardMs[row] = toMs;
    const isHeard = source === 'bus' && verdict.heartbeat === 'present';
    this.#holdMs[row] = isHeard ? HEARD_HOLD_MS : KEPT_HOLD_MS;
    this.#windowMs = Math.max(this.#windowMs, toMs);
    return changed;
  }

  standing(node: string): NodeStanding | null {
    const row = this.#rows.get(node);
    if (row === undefined) return null;
    const at = row * 4;
    return {
      behaviour: BEHAVIOUR_LIST[this.#verdicts[at] ?? 0] ?? 'B13',
      conformity: CONFORMITIES[this.#verdicts[at + 1] ?? 0] ?? 'cannot tell',
      grade: GRADE_LIST[this.#verdicts[at + 2] ?? 0] ?? 'X',
      heartbeat: HEARTBEATS[this.#verdicts[at + 3] ?? 0] ?? 'blind',
      windowEndMs: this.#toMs[row] ?? 0,
      heardMs: this.#heardMs[row] || null,
    };
  }

  /** Behaviour, conformity and grade of the newest verdict, as characters; dots where there is none to be seen. */
  now(node: string, visible: readonly Period[]): string {
    const row = this.#rows.get(node);
    const toMs = row === undefined ? 0 : (this.#toMs[row] ?? 0);
    if (row === undefined || !isWithin(visible, toMs - SUMMARY_MS, toMs)) return NO_VERDICT;
    const places = this.#verdicts.subarray(row * 4, row * 4 + STRIPS);
    return Array.from(places, (place) => place.toString(36)).join('');
  }

  /** The end of the newest cell when it is `nowMs`. */
  endMs(span: Span, nowMs: number): number {
    const { cellMs } = SPANS[span];
    return Math.ceil(nowMs / cellMs) * cellMs;
  }

  /**
   * @param endMs end of the newest cell.
   * @param visible cells that are not wholly within one of these show no verdict.
   */
  strips(node: string, span: Span, endMs: number, visible: readonly Period[]): Strips {
    const row = this.#rows.get(node);
    const ring = this.#rings[span];
    return {
      behaviours: this.#strip(row, ring, 0, endMs, visible),
      conformities: this.#strip(row, ring, 1, endMs, visible),
      grades: this.#strip(row, ring, 2, endMs, visible),
    };
  }

  #strip(
    row: number | undefined,
    ring: Ring,
    strip: number,
    endMs: number,
    visible: readonly Period[],
  ): string {
    const { cells, cellMs } = ring;
    const first = Math.round(endMs / cellMs) - cells;
    // Most see all: asked once, not for each of a million cells.
    const isWhole = isWithin(visible, first * cellMs, endMs);
    for (let i = 0; i < cells; i++) {
      const fromMs = (first + i) * cellMs;
      const isShown = row !== undefined && (isWhole || isWithin(visible, fromMs, fromMs + cellMs));
      this.#scratch[i] = isShown ? this.#cell(row, ring, strip, first + i, visible) : NONE;
    }
    return this.#scratch.toString('latin1', 0, cells);
  }

  #cell(row: number, ring: Ring, strip: number, cell: number, visible: readonly Period[]): number {
    const newest = ring.newest[row] ?? -1;
    if (cell <= newest - ring.cells || newest < 0) return NONE;
    if (cell > newest) return this.#heldCell(row, strip, cell * ring.cellMs, visible);
    return ring.strips[(row * STRIPS + strip) * ring.cells + (cell % ring.cells)] ?? NONE;
  }

  /** After the newest window, as long as its verdict holds and time has come; a former tenant's holds for no other. */
  #heldCell(row: number, strip: number, fromMs: number, visible: readonly Period[]): number {
    if (!containsWindow(visible, this.#toMs[row] ?? 0)) return NONE;
    const untilMs = Math.min(this.clockMs, (this.#toMs[row] ?? 0) + (this.#holdMs[row] ?? 0));
    return fromMs < untilMs ? (CODES[this.#verdicts[row * 4 + strip] ?? 0] ?? NONE) : NONE;
  }

  /** The node's newest verdict held from then until then. */
  #fill(row: number, fromMs: number, toMs: number): void {
    if (fromMs >= toMs) return;
    for (const ring of [this.#rings.hour, this.#rings.day, this.#rings.week]) {
      const last = Math.floor((toMs - 1) / ring.cellMs);
      // Cells that nobody is shown any more: the hour's of a day ago.
      const first = Math.floor((this.#windowMs - 1) / ring.cellMs) - ring.cells;
      for (let cell = Math.max(first, Math.floor(fromMs / ring.cellMs)); cell <= last; cell++) {
        const startMs = cell * ring.cellMs;
        const heldMs = Math.min(toMs, startMs + ring.cellMs) - Math.max(fromMs, startMs);
        this.#hold(row, ring, cell, heldMs);
      }
    }
  }

  #hold(row: number, ring: Ring, cell: number, heldMs: number): void {
    const newest = ring.newest[row] ?? -1;
    if (cell < newest) return;
    if (cell > newest) turnTo(ring, row, cell);
    const at = row * STRIPS * ring.cells + (cell % ring.cells);
    const [behaviour = 0, conformity = 0, grade = 0] = this.#verdicts.subarray(row * 4, row * 4 + 3);
    const held = row * BEHAVIOUR_LIST.length;
    ring.held[held + behaviour] = (ring.held[held + behaviour] ?? 0) + heldMs;
    const shown = ring.strips[at] ?? NONE;
    if (shown === NONE || (ring.held[held + behaviour] ?? 0) > (ring.held[held + placeOf(shown)] ?? 0)) {
      ring.strips[at] = CODES[behaviour] ?? NONE;
    }
    raise(ring.strips, at + ring.cells, conformity, (value) => CONFORMITY_GRAVITY[value] ?? 0);
    raise(ring.strips, at + 2 * ring.cells, grade, (value) => value);
  }

  #row(node: string): number {
    const known = this.#rows.get(node);
    if (known !== undefined) return known;
    const row = this.#rows.size;
    if (row === this.#capacity) this.#grow();
    this.#rows.set(node, row);
    return row;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#toMs = copied(this.#toMs, new Float64Array(this.#capacity));
    this.#heardMs = copied(this.#heardMs, new Float64Array(this.#capacity));
    this.#holdMs = copied(this.#holdMs, new Float64Array(this.#capacity));
    this.#verdicts = copied(this.#verdicts, new Uint8Array(this.#capacity * 4));
    for (const ring of Object.values(this.#rings)) {
      const larger = newRing(ring, this.#capacity);
      ring.strips = copied(ring.strips, larger.strips);
      ring.newest = copied(ring.newest, larger.newest);
      ring.held = copied(ring.held, larger.held);
    }
  }
}

/** @throws RangeError for a word that is not the model's. */
function codesOf({ behaviour, conformity, grade, heartbeat }: Verdict): readonly number[] {
  const codes = [
    BEHAVIOUR_LIST.indexOf(behaviour),
    CONFORMITIES.indexOf(conformity),
    GRADE_LIST.indexOf(grade),
    HEARTBEATS.indexOf(heartbeat),
  ];
  if (codes.includes(-1)) {
    throw new RangeError(`${behaviour}, ${conformity}, ${grade}, ${heartbeat}: expected words of the model`);
  }
  return codes;
}

function newRing({ cells, cellMs }: Pick<Ring, 'cells' | 'cellMs'>, capacity: number): Ring {
  return {
    cells,
    cellMs,
    strips: new Uint8Array(capacity * STRIPS * cells).fill(NONE),
    newest: new Float64Array(capacity).fill(-1),
    held: new Uint32Array(capacity * BEHAVIOUR_LIST.length),
  };
}

/** Makes `cell` the newest, with those between it and the former one empty. */
function turnTo(ring: Ring, row: number, cell: number): void {
  const { cells, strips, held, newest } = ring;
  const former = newest[row] ?? -1;
  const first = Math.max(former + 1, cell - cells + 1);
  for (let strip = row * STRIPS; strip < (row + 1) * STRIPS; strip++) {
    for (let empty = first; empty <= cell; empty++) strips[strip * cells + (empty % cells)] = NONE;
  }
  held.fill(0, row * BEHAVIOUR_LIST.length, (row + 1) * BEHAVIOUR_LIST.length);
  newest[row] = cell;
}

/** Shows the graver of the two. */
function raise(strips: Uint8Array, at: number, value: number, gravity: (value: number) => number): void {
  const shown = strips[at] ?? NONE;
  if (shown === NONE || gravity(value) > gravity(placeOf(shown))) strips[at] = CODES[value] ?? NONE;
}

const placeOf = (code: number): number => VALUES[code] ?? 0;

function isWithin(intervals: readonly Period[], fromMs: number, toMs: number): boolean {
  return intervals.some((interval) => interval.fromMs <= fromMs && toMs <= interval.toMs);
}

function copied<T extends Float64Array | Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
