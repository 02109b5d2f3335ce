/**
 * A point's values in as few bytes as keep them exact: two bits a value (absent, float32, float64), then the values,
 * little-endian. Most columns are float32 on the wire, so that a row takes about half of what float64 would.
 */
const ABSENT = 0;
const SINGLE = 1;
const DOUBLE = 2;

let scratch = new DataView(new ArrayBuffer(8192));

/**
 * Packs values; NaN is absent.
 * @returns a view of a buffer that the next call overwrites: at most n/4 + 8n + 1 bytes. O(n).
 */
export function packValues(values: ArrayLike<number>): Uint8Array {
  const count = values.length;
  const head = (count + 3) >> 2;
  if (head + 8 * count > scratch.byteLength) scratch = new DataView(new ArrayBuffer(2 * (head + 8 * count)));
  const view = scratch;
  let at = head;
  let codes = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    let code = ABSENT;
    if (Math.fround(value) === value) {
      view.setFloat32(at, value, true);
      at += 4;
      code = SINGLE;
    } else if (!Number.isNaN(value)) {
      view.setFloat64(at, value, true);
      at += 8;
      code = DOUBLE;
    }
    codes |= code << (2 * (i & 3));
    if ((i & 3) === 3 || i === count - 1) {
      view.setUint8(i >> 2, codes);
      codes = 0;
    }
  }
  return new Uint8Array(view.buffer, 0, at);
}

/**
 * Unpacks what {@link packValues} packed.
 * @param count how many values were packed.
 * @param targets for value i, the place in `out` that it goes to, or -1: not wanted.
 * @param out receives the wanted values; places of absent ones are left as they are.
 * @returns how many of the wanted values are present. O(count).
 */
export function unpackValues(
  bytes: Uint8Array,
  count: number,
  targets: Int32Array,
  out: Float64Array,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = (count + 3) >> 2;
  let present = 0;
  for (let i = 0; i < count; i++) {
    const code = (view.getUint8(i >> 2) >> (2 * (i & 3))) & 3;
    if (code === ABSENT) continue;
    const target = targets[i] ?? -1;
    if (target >= 0) {
      out[target] = code === SINGLE ? view.getFloat32(at, true) : view.getFloat64(at, true);
      present++;
    }
    at += code === SINGLE ? 4 : 8;
  }
  return present;
}

/** Whether all `count` packed values are absent. */
export function isEmpty(packed: Uint8Array, count: number): boolean {
  return packed.length === (count + 3) >> 2;
}
