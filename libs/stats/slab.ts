export type SlabArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

const ROWS_PER_PAGE = 64;
const PAGE_SHIFT = 6;

/**
 * Rows of equal width in pages of typed arrays: growing never copies, the garbage collector sees a few large
 * objects instead of one per node, and a checkpoint is a copy of bytes.
 *
 * A row is reached as `slab.page(row)[slab.at(row) + column]`.
 */
export class Slab<A extends SlabArray> {
  readonly width: number;
  #pages: A[] = [];
  readonly #make: (length: number) => A;

  /** @param make constructor of one page, e.g. `(n) => new Float64Array(n)`; pages begin as it leaves them. */
  constructor(width: number, make: (length: number) => A) {
    this.width = width;
    this.#make = make;
  }

  /** Makes rows 0 … rows − 1 exist. */
  ensure(rows: number): void {
    while (this.#pages.length * ROWS_PER_PAGE < rows)
      this.#pages.push(this.#make(this.width * ROWS_PER_PAGE));
  }

  page(row: number): A {
    return this.#pages[row >>> PAGE_SHIFT]!;
  }

  at(row: number): number {
    return (row & (ROWS_PER_PAGE - 1)) * this.width;
  }

  get byteLength(): number {
    return this.#pages.reduce((sum, page) => sum + page.byteLength, 0);
  }

  /** The bytes of the first `rows` rows, page by page, not copied. Little-endian on every machine Node runs on. */
  bytes(rows: number): Uint8Array[] {
    return this.#pages.slice(0, Math.ceil(rows / ROWS_PER_PAGE)).map((page, index) => {
      const used = Math.min(ROWS_PER_PAGE, rows - index * ROWS_PER_PAGE) * this.width;
      return new Uint8Array(page.buffer, page.byteOffset, used * page.BYTES_PER_ELEMENT);
    });
  }

  /** Bytes that `rows` rows take in {@link bytes}. */
  sizeOf(rows: number): number {
    return rows * this.width * this.#make(0).BYTES_PER_ELEMENT;
  }

  /** Replaces everything by what {@link bytes} gave, joined. @throws RangeError when the length does not fit. */
  restore(bytes: Uint8Array, rows: number): void {
    if (bytes.length !== this.sizeOf(rows)) {
      throw new RangeError(`${bytes.length} bytes: expected ${this.sizeOf(rows)} for ${rows} rows`);
    }
    this.#pages = [];
    this.ensure(rows);
    let from = 0;
    for (const page of this.bytes(rows)) {
      page.set(bytes.subarray(from, from + page.length));
      from += page.length;
    }
  }
}
