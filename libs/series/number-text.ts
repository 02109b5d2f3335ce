const ZERO = 48;
const MINUS = 45;
const E = 101;
/** Integers are written in two halves of this many digits, each within an int32. */
const HALF = 1e9;
const HALF_DIGITS = 9;

const POWERS = Float64Array.from({ length: 12 }, (_, places) => 10 ** places);

/**
 * A number as line protocol has it, always a float, written as bytes.
 *
 * A value that a float32 holds gets the eight or nine digits that tell it from every other float32: `Math.fround` of
 * what is read back is what was written. Every other value gets what JavaScript prints, which reads back as it was.
 */
export const NumberText = {
  /** No number takes more, e.g. `-1.2345678901234567e-300`. */
  maxBytes: 26,

  /**
   * @param value finite. The two zeros are both written `0`.
   * @returns the place after the last byte.
   */
  write(value: number, bytes: Uint8Array, at: number): number {
    const size = Math.abs(value);
    if (Number.isSafeInteger(value)) return writeInteger(size, bytes, sign(value, bytes, at));
    if (size >= 1e-3 && size < 1e6 && Math.fround(value) === value) {
      // Eight significant digits: ten places for 0.00x, five for 100.x. Where they do not tell it apart, nine do.
      let places = 10;
      for (let bound = 0.01; size >= bound; bound *= 10) places--;
      for (let tries = 0; tries < 2; tries++, places++) {
        const power = POWERS[places] as number;
        const scaled = Math.round(size * power);
        if (Math.fround(scaled / power) === size) {
          return writePlaces(places, bytes, writeInteger(scaled, bytes, sign(value, bytes, at)));
        }
      }
    }
    return writeText(`${value}`, bytes, at);
  },
} as const;

function sign(value: number, bytes: Uint8Array, at: number): number {
  if (value < 0) bytes[at++] = MINUS;
  return at;
}

/** @param value a whole number, 0 to 2^53. */
function writeInteger(value: number, bytes: Uint8Array, at: number): number {
  if (value < HALF) return writeDigits(value, digitsOf(value), bytes, at);
  const high = Math.floor(value / HALF);
  const middle = writeDigits(high, digitsOf(high), bytes, at);
  return writeDigits(value - high * HALF, HALF_DIGITS, bytes, middle);
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function writeDigits(value: number, digits: number, bytes: Uint8Array, at: number): number {
  let rest = value | 0;
  for (let place = at + digits - 1; place >= at; place--) {
    const tens = (rest / 10) | 0;
    bytes[place] = ZERO + rest - 10 * tens;
    rest = tens;
  }
  return at + digits;
}

function writePlaces(places: number, bytes: Uint8Array, at: number): number {
  bytes[at++] = E;
  bytes[at++] = MINUS;
  return writeDigits(places, places < 10 ? 1 : 2, bytes, at);
}

function writeText(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}
