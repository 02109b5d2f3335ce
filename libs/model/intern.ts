import { MalformedFrameError } from './malformed.ts';
import { BOOT_BYTES, MAX_NAME_BYTES, NAME_PATTERN } from './wire.ts';
import type { WireReader } from './wire-reader.ts';

const FIRST_SLOTS = 1024;
/** With keys of 64 bytes, 18 MB of keys and slots at most, and what the values take. */
const MAX_SLOTS = 1 << 18;
/** Slots that a value may lie in. With 8,000 GPUs, one slot gave 1.6 M rows/s and four 2.4 M: full sets are rare. */
const WAYS = 4;
/** The bits of a hash that go with the length into a key's first word: the others of its set fail there already. */
const MARK = 0x7fff_0000;

/**
 * Gives the same value for the same bytes without making it anew: the nodes of a partition come round every ten
 * seconds. A set-associative cache: a full set replaces, so no sender can make it grow or slow. It doubles, and
 * begins empty, when it has missed as often as it has slots.
 */
export class BytesCache<T> {
  readonly #decode: (bytes: Uint8Array) => T;
  readonly #keyWords: number;
  #slots = 0;
  #values: (T | undefined)[] = [];
  /** As words, the mark first, so that a hit touches no string. 0: empty. */
  #keys = new Int32Array(0);
  #misses = 0;

  /**
   * @param decode makes the value; it throws for bytes that may not be one, and no empty bytes are ever cached.
   * @param keyWords words of 4 bytes of a key, one for its mark: longer bytes are decoded anew every time.
   */
  constructor(decode: (bytes: Uint8Array) => T, keyWords: number) {
    this.#decode = decode;
    this.#keyWords = keyWords;
    this.#resize(FIRST_SLOTS);
  }

  /** @param hash where to look: what bytes that come again bring again. Only the share of hits rests on it. */
  at({ bytes, view }: WireReader, hash: number, start: number, length: number): T {
    if (length === 0 || length > (this.#keyWords - 1) * 4)
      return this.#decode(bytes.subarray(start, start + length));
    const first = hash & (this.#slots - WAYS);
    const mark = (hash & MARK) | length;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#isKey(slot * this.#keyWords, mark, view, start, length)) return this.#values[slot] as T;
    }
    const value = this.#decode(bytes.subarray(start, start + length));
    this.#learn(first, mark, view, start, length, value);
    return value;
  }

  #isKey(key: number, mark: number, view: DataView, start: number, length: number): boolean {
    const keys = this.#keys;
    if (keys[key] !== mark) return false;
    const lastWord = start + (length & ~3);
    let at = start;
    let word = key + 1;
    for (; at < lastWord; at += 4) if (keys[word++] !== view.getInt32(at, true)) return false;
    return (length & 3) === 0 || keys[word] === partOf(view, at, length & 3);
  }

  #learn(first: number, mark: number, view: DataView, start: number, length: number, value: T): void {
    const slot = first + (this.#misses & (WAYS - 1));
    this.#values[slot] = value;
    let word = slot * this.#keyWords;
    this.#keys[word++] = mark;
    let i = 0;
    for (; i + 4 <= length; i += 4) this.#keys[word++] = view.getInt32(start + i, true);
    if (i < length) this.#keys[word] = partOf(view, start + i, length - i);
    this.#misses++;
    if (this.#misses > this.#slots && this.#slots < MAX_SLOTS) this.#resize(this.#slots * 2);
  }

  #resize(slots: number): void {
    this.#slots = slots;
    this.#values = new Array(slots).fill(undefined);
    this.#keys = new Int32Array(slots * this.#keyWords);
    this.#misses = 0;
  }
}

/** One to three bytes as a word. Reads up to three bytes beyond them. */
function partOf(view: DataView, at: number, bytes: number): number {
  return view.getInt32(at, true) & ((1 << (8 * bytes)) - 1);
}

/** FNV-1a over the words of a boot identifier, mixed once more. */
export function bootHash(view: DataView, start: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < BOOT_BYTES; i += 4) hash = Math.imul(hash ^ view.getInt32(start + i, true), 0x01000193);
  return mixed(hash);
}

/** Spreads neighbours apart. */
export function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return half ^ (half >>> 13);
}

/** Who sends: what all frames of a boot begin with, byte for byte. */
export interface SenderNames {
  readonly node: string;
  readonly site: string;
  readonly boot: string;
}

/** @param bytes version, node, site and boot as the first fields, each length a byte. */
export function decodeSender(bytes: Uint8Array): SenderNames {
  const site = 4 + bytes[3]!;
  const boot = site + 2 + bytes[site + 1]!;
  return {
    node: decodeName(bytes.subarray(4, site)),
    site: decodeName(bytes.subarray(site + 2, boot)),
    boot: decodeBoot(bytes.subarray(boot + 2)),
  };
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
