import type { Slab } from '#libs/stats/slab.ts';

type AnySlab =
  | Slab<Float64Array>
  | Slab<Float32Array>
  | Slab<Float64Array | Float32Array>
  | Slab<Int32Array>
  | Slab<Uint8Array>
  | Slab<Uint32Array>;

/** What a checkpoint says of the places beside their bytes. */
export interface PlacesState {
  readonly made: number;
  readonly free: readonly number[];
}

/** Rows of slabs that belong together: taken, given back, and taken again by another. */
export class Places {
  readonly #zeroed: readonly AnySlab[];
  readonly #absent: readonly AnySlab[];
  #made = 0;
  #free: number[] = [];

  /** @param zeroed slabs that begin with zeros; `absent` those that begin with NaN */
  constructor(zeroed: readonly AnySlab[], absent: readonly AnySlab[]) {
    this.#zeroed = zeroed;
    this.#absent = absent;
  }

  get taken(): number {
    return this.#made - this.#free.length;
  }

  /** A place as new. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      for (const slab of this.#zeroed) clear(slab, free, 0);
      for (const slab of this.#absent) clear(slab, free, Number.NaN);
      return free;
    }
    const made = this.#made++;
    for (const slab of this.#slabs()) slab.ensure(this.#made);
    return made;
  }

  give(place: number): void {
    this.#free.push(place);
  }

  get byteLength(): number {
    return this.#slabs().reduce((sum, slab) => sum + slab.byteLength, 0);
  }

  state(): PlacesState {
    return { made: this.#made, free: this.#free };
  }

  /** Not copied. */
  bytes(): Uint8Array[] {
    return this.#slabs().flatMap((slab) => slab.bytes(this.#made));
  }

  /**
   * Puts back what {@link state} and {@link bytes} gave.
   * @param take gives the next so many bytes
   */
  restore({ made, free }: PlacesState, take: (size: number) => Uint8Array): void {
    this.#made = made;
    this.#free = [...free];
    for (const slab of this.#slabs()) slab.restore(take(slab.sizeOf(made)), made);
  }

  #slabs(): readonly AnySlab[] {
    return [...this.#zeroed, ...this.#absent];
  }
}

function clear(slab: AnySlab, place: number, value: number): void {
  const at = slab.at(place);
  slab.page(place).fill(value, at, at + slab.width);
}
