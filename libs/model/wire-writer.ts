const utf8 = new TextEncoder();

/** Writes protobuf fields into one growing buffer. Fields with their default value are left out, as proto3 does. */
export class WireWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** An own copy of what was written. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  uint(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#varint(tag);
    this.#varint(value);
  }

  text(tag: number, text: string): void {
    if (text === '') return;
    const mark = this.open(tag);
    this.#reserve(text.length * 3);
    this.#at += utf8.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    this.close(mark);
  }

  raw(tag: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#reserve(bytes.length + 20);
    this.#varint(tag);
    this.#varint(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  float(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(14);
    this.#varint(tag);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  double(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(18);
    this.#varint(tag);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** One bit a value, least significant first; ends with the last byte that has a bit. */
  presence(tag: number, values: Float32Array | Float64Array): void {
    let last = values.length - 1;
    while (last >= 0 && Number.isNaN(values[last])) last--;
    if (last < 0) return;
    const length = (last >> 3) + 1;
    this.#reserve(length + 20);
    this.#varint(tag);
    this.#varint(length);
    this.#bytes.fill(0, this.#at, this.#at + length);
    for (let i = 0; i <= last; i++) {
      if (!Number.isNaN(values[i])) this.#bytes[this.#at + (i >> 3)]! |= 1 << (i & 7);
    }
    this.#at += length;
  }

  /** The values that are not NaN, packed. */
  packed(tag: number, values: Float32Array | Float64Array): void {
    const mark = this.open(tag);
    const empty = this.#at;
    this.#reserve(values.length * 8);
    const wide = values instanceof Float64Array;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      if (wide) this.#view.setFloat64(this.#at, value, true);
      else this.#view.setFloat32(this.#at, value, true);
      this.#at += values.BYTES_PER_ELEMENT;
    }
    if (this.#at === empty) this.#at = empty - 2;
    else this.close(mark);
  }

  /** Begins a field whose length is not known yet; {@link close} takes what this returns. Tags below 128. */
  open(tag: number): number {
    this.#reserve(2);
    this.#bytes[this.#at++] = tag;
    return this.#at++;
  }

  /** Fills in the length; a long field is moved, because one byte was kept for it. */
  close(mark: number): void {
    const start = mark + 1;
    const length = this.#at - start;
    if (length >= 0x80) {
      const extra = length < 0x4000 ? 1 : 2;
      this.#reserve(extra);
      this.#bytes.copyWithin(start + extra, start, this.#at);
      this.#at += extra;
    }
    const end = this.#at;
    this.#at = mark;
    this.#varint(length);
    this.#at = end;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
