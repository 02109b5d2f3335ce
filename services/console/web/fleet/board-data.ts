import type { Heartbeat } from '#libs/model/assessment.ts';
import type { BoardRow, BoardView, LiveVerdict } from '../../api/contract/fleet.ts';
import { DIMENSIONS, type Dimension, VALUES } from '../parts/dimension.ts';

const NOTHING = 46;
const NINE = 57;

/** Value of a cell: 0 for no verdict, else the place in the model's list + 1. */
type Cells = Readonly<Record<Dimension, Uint8Array>>;

/** A node of the board. Its verdicts are in the board's cells, at its index. */
export type BoardNode = Omit<BoardRow, 'now' | 'behaviours' | 'conformities' | 'grades'> & {
  readonly index: number;
};

/**
 * The board as typed arrays: 10,000 nodes of 96 cells are one block of bytes per dimension, drawn, filtered and
 * moved on in place.
 */
export class BoardData {
  readonly nodes: BoardNode[];
  readonly cells: number;
  readonly cellMs: number;
  readonly #values: Cells;
  /** Of each node's newest verdict: a cell may hold graver ones from before it. */
  readonly #now: Cells;
  readonly #indexes: ReadonlyMap<string, number>;
  #toMs: number;

  constructor({ rows, cells, cellMs, toMs }: BoardView) {
    this.cells = cells;
    this.cellMs = cellMs;
    this.#toMs = toMs;
    this.#values = {
      behaviour: parseStrips(rows, cells, (row) => row.behaviours),
      conformity: parseStrips(rows, cells, (row) => row.conformities),
      grade: parseStrips(rows, cells, (row) => row.grades),
    };
    this.#now = {
      behaviour: parseStrips(rows, 1, ({ now }) => now.charAt(0)),
      conformity: parseStrips(rows, 1, ({ now }) => now.charAt(1)),
      grade: parseStrips(rows, 1, ({ now }) => now.charAt(2)),
    };
    this.nodes = rows.map(({ now: _now, behaviours: _, conformities: __, grades: ___, ...row }, index) => ({
      ...row,
      index,
    }));
    this.#indexes = new Map(rows.map((row, index) => [row.node, index]));
  }

  /** The end of the newest cell, event time. */
  get toMs(): number {
    return this.#toMs;
  }

  /** Value of a node's cell, oldest first; null: no verdict. */
  value(index: number, cell: number, dimension: Dimension): string | null {
    const place = this.#values[dimension][index * this.cells + cell] ?? 0;
    return place === 0 ? null : (VALUES[dimension][place - 1] ?? null);
  }

  /** The bytes of one dimension, node after node. */
  block(dimension: Dimension): Uint8Array {
    return this.#values[dimension];
  }

  /** Value of a node's newest verdict, whatever the cells show; null: none. */
  newest(index: number, dimension: Dimension): string | null {
    const place = this.#now[dimension][index] ?? 0;
    return place === 0 ? null : (VALUES[dimension][place - 1] ?? null);
  }

  /** Begin and end of a cell. */
  interval(cell: number): readonly [fromMs: number, toMs: number] {
    const toMs = this.#toMs - (this.cells - 1 - cell) * this.cellMs;
    return [toMs - this.cellMs, toMs];
  }

  /** Takes in newer verdicts; those of nodes that are not on the board are left out. */
  take(verdicts: readonly LiveVerdict[]): void {
    for (const verdict of verdicts) {
      const index = this.#indexes.get(verdict.node);
      if (index !== undefined) this.#put(index, verdict);
    }
  }

  #put(index: number, verdict: LiveVerdict): void {
    for (const dimension of DIMENSIONS)
      this.#now[dimension][index] = VALUES[dimension].indexOf(verdict[dimension]) + 1;
    // A window belongs to the cell that its last instant is in.
    const ahead = Math.ceil((verdict.windowEndMs - this.#toMs) / this.cellMs);
    if (ahead > 0) this.#advance(ahead);
    const cell = this.cells - 1 + Math.min(0, ahead);
    if (cell < 0) return;
    for (const dimension of DIMENSIONS) {
      const block = this.#values[dimension];
      const at = index * this.cells + cell;
      const place = VALUES[dimension].indexOf(verdict[dimension]) + 1;
      // Of several in a cell the gravest, as the server has it; the behaviour is the newest.
      block[at] = dimension === 'behaviour' ? place : graver(dimension, block[at] ?? 0, place);
    }
    this.#note(index, verdict.heartbeat, verdict.windowEndMs);
  }

  #note(index: number, heartbeat: Heartbeat, windowEndMs: number): void {
    const node = this.nodes[index];
    if (!node) return;
    const lastMs = heartbeat === 'present' ? Math.max(node.lastMs ?? 0, windowEndMs) : node.lastMs;
    this.nodes[index] = { ...node, heartbeat, lastMs };
  }

  #advance(count: number): void {
    const moved = Math.min(count, this.cells);
    for (const dimension of DIMENSIONS) {
      const block = this.#values[dimension];
      for (let start = 0; start < block.length; start += this.cells) {
        block.copyWithin(start, start + moved, start + this.cells);
        block.fill(0, start + this.cells - moved, start + this.cells);
      }
    }
    this.#toMs += count * this.cellMs;
  }
}

/** Least grave first; of what a list lacks nothing is graver. */
const GRAVITY: Readonly<Record<Exclude<Dimension, 'behaviour'>, readonly string[]>> = {
  conformity: ['conforms', 'cannot tell', 'undeclared', 'deviates'],
  grade: ['A', 'B', 'C', 'D', 'X'],
};

/** By place + 1, how grave a value is: 0 for no verdict. */
const RANKS: Readonly<Record<Exclude<Dimension, 'behaviour'>, Uint8Array>> = {
  conformity: ranks('conformity'),
  grade: ranks('grade'),
};

function ranks(dimension: Exclude<Dimension, 'behaviour'>): Uint8Array {
  return Uint8Array.of(0, ...VALUES[dimension].map((value) => GRAVITY[dimension].indexOf(value) + 1));
}

/** The graver of two places (0: no verdict). */
function graver(dimension: Exclude<Dimension, 'behaviour'>, a: number, b: number): number {
  const rank = RANKS[dimension];
  return (rank[a] ?? 0) >= (rank[b] ?? 0) ? a : b;
}

function parseStrips(
  rows: readonly BoardRow[],
  cells: number,
  stripOf: (row: BoardRow) => string,
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(rows.length * cells);
  rows.forEach((row, index) => {
    const strip = stripOf(row);
    const start = index * cells;
    for (let cell = 0; cell < cells; cell++) {
      const code = strip.charCodeAt(cell);
      if (code !== NOTHING) block[start + cell] = code <= NINE ? code - 47 : code - 86;
    }
  });
  return block;
}
