import { MalformedFrameError } from './malformed.ts';
import { BOOT_BYTES, MAX_NAME_BYTES, NAME_PATTERN } from './wire.ts';
import type { WireReader } from './wire-reader.ts';

const FIRST_SLOTS = 1024;
/** 18 MB of keys and slots at most, and what the strings take. */
const MAX_SLOTS = 1 << 18;
/** Slots that a string may lie in. With 8,000 GPUs, one slot gave 1.6 M rows/s and four 2.4 M: full sets are rare. */
const WAYS = 4;
/** A key is one line of the processor's cache: its length, then its bytes. */
const KEY_WORDS = 16;
/** Longer names are made anew every time: none is, of the identifiers that vendors give. */
const MAX_KEY_BYTES = (KEY_WORDS - 1) * 4;

/**
 * Gives the same string for the same bytes without making it anew: the nodes of a partition come round every ten
 * seconds. A set-associative cache: a full set replaces, so no sender can make it grow or slow. It doubles, and
 * begins empty, when it has missed as often as it has slots.
 */
export class StringCache {
  readonly #decode: (bytes: Uint8Array) => string;
  #texts: string[] = [];
  /** As words, so that a hit touches no string. Length 0: empty. */
  #keys = new Uint32Array(0);
  #misses = 0;

  /** @param decode makes the string; it throws for bytes that may not be one, and no empty bytes come to it. */
  constructor(decode: (bytes: Uint8Array) => string) {
    this.#decode = decode;
    this.#resize(FIRST_SLOTS);
  }

  at({ bytes, view }: WireReader, start: number, length: number): string {
    if (length > MAX_KEY_BYTES) return this.#decode(bytes.subarray(start, start + length));
    const first = hash(view, start, length) & (this.#texts.length - WAYS);
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#isKey(slot, view, start, length)) return this.#texts[slot]!;
    }
    const text = this.#decode(bytes.subarray(start, start + length));
    this.#learn(first + (this.#misses & (WAYS - 1)), view, start, length, text);
    return text;
  }

  #isKey(slot: number, view: DataView, start: number, length: number): boolean {
    const keys = this.#keys;
    let key = slot * KEY_WORDS;
    if (keys[key++] !== length || length === 0) return false;
    let rest = length;
    for (let at = start; rest > 0; at += 4, rest -= 4)
      if (keys[key++] !== wordAt(view, at, rest)) return false;
    return true;
  }

  #learn(slot: number, view: DataView, start: number, length: number, text: string): void {
    this.#texts[slot] = text;
    let key = slot * KEY_WORDS;
    this.#keys[key++] = length;
    for (let i = 0; i < length; i += 4) this.#keys[key++] = wordAt(view, start + i, length - i);
    this.#misses++;
    const slots = this.#texts.length;
    if (this.#misses > slots && slots < MAX_SLOTS) this.#resize(slots * 2);
  }

  #resize(slots: number): void {
    this.#texts = new Array(slots).fill('');
    this.#keys = new Uint32Array(slots * KEY_WORDS);
    this.#misses = 0;
  }
}

/** Four bytes; of the last word of a key those that are left, and zeros. Reads up to three bytes beyond the key. */
function wordAt(view: DataView, at: number, rest: number): number {
  const word = view.getUint32(at, true);
  return rest >= 4 ? word : (word & ((1 << (8 * rest)) - 1)) >>> 0;
}

/** FNV-1a over words, mixed once more at the end; only the share of hits rests on it. */
function hash(view: DataView, start: number, length: number): number {
  let mixed = 0x811c9dc5 ^ length;
  let rest = length;
  for (let at = start; rest > 0; at += 4, rest -= 4)
    mixed = Math.imul(mixed ^ wordAt(view, at, rest), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

const latin1 = new TextDecoder('latin1');

/** Node, site or entity. @throws MalformedFrameError for bytes outside `NAME_PATTERN`. */
export function decodeName(bytes: Uint8Array): string {
  const text = latin1.decode(bytes.subarray(0, MAX_NAME_BYTES + 1));
  if (NAME_PATTERN.test(text)) return text;
  throw new MalformedFrameError('bad name', `${JSON.stringify(text)}, expected ${NAME_PATTERN}`);
}

/** @returns 32 hex digits. @throws MalformedFrameError for another number of bytes. */
export function decodeBoot(bytes: Uint8Array): string {
  if (bytes.length === BOOT_BYTES) return hexOf(bytes);
  throw new MalformedFrameError('bad boot', `${bytes.length} bytes, expected ${BOOT_BYTES}`);
}

const HEX = '0123456789abcdef';

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  return text;
}
