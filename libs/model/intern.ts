import { MalformedFrameError } from './malformed.ts';
import { BOOT_BYTES, MAX_NAME_BYTES, NAME_PATTERN } from './wire.ts';
import type { WireReader } from './wire-reader.ts';

const FIRST_SLOTS = 1024;
/** A million strings at most: 8 MB of slots, and what the strings take. */
const MAX_SLOTS = 1 << 20;

/**
 * Gives the same string for the same bytes without making it anew: the nodes of a partition come round every ten
 * seconds. A direct-mapped cache: a collision replaces, so no sender can make it grow or slow. It doubles, and
 * begins empty, when it has missed as often as it has slots.
 */
abstract class StringCache {
  #slots: string[] = new Array(FIRST_SLOTS).fill('');
  #misses = 0;

  protected abstract matches(text: string, bytes: Uint8Array, start: number, length: number): boolean;
  protected abstract decode(bytes: Uint8Array): string;

  at(reader: WireReader, start: number, length: number): string {
    const slot = hash(reader.view, start, length) & (this.#slots.length - 1);
    const known = this.#slots[slot]!;
    if (this.matches(known, reader.bytes, start, length)) return known;
    return this.#learn(slot, reader.bytes.subarray(start, start + length));
  }

  #learn(slot: number, bytes: Uint8Array): string {
    const text = this.decode(bytes);
    this.#slots[slot] = text;
    this.#misses++;
    if (this.#misses > this.#slots.length && this.#slots.length < MAX_SLOTS) {
      this.#slots = new Array(this.#slots.length * 2).fill('');
      this.#misses = 0;
    }
    return text;
  }
}

const latin1 = new TextDecoder('latin1');

/** Names of nodes, sites and entities. @throws MalformedFrameError for one outside `NAME_PATTERN`. */
export class NameCache extends StringCache {
  protected matches(text: string, bytes: Uint8Array, start: number, length: number): boolean {
    if (text.length !== length || length === 0) return false;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
    return true;
  }

  protected decode(bytes: Uint8Array): string {
    const text = latin1.decode(bytes.subarray(0, MAX_NAME_BYTES + 1));
    if (!NAME_PATTERN.test(text)) {
      throw new MalformedFrameError('bad name', `${JSON.stringify(text)}, expected ${NAME_PATTERN}`);
    }
    return text;
  }
}

/** Identifiers that travel as bytes and are written in hex. @throws MalformedFrameError for another length. */
export class BootCache extends StringCache {
  protected matches(text: string, bytes: Uint8Array, start: number, length: number): boolean {
    if (text.length !== length * 2 || length !== BOOT_BYTES) return false;
    for (let i = 0; i < BOOT_BYTES; i++) {
      const byte = bytes[start + i]!;
      if (text.charCodeAt(2 * i) !== HEX_CODES[byte >> 4]) return false;
      if (text.charCodeAt(2 * i + 1) !== HEX_CODES[byte & 15]) return false;
    }
    return true;
  }

  protected decode(bytes: Uint8Array): string {
    if (bytes.length === BOOT_BYTES) return hexOf(bytes);
    throw new MalformedFrameError('bad boot', `${bytes.length} bytes, expected ${BOOT_BYTES}`);
  }
}

const HEX = '0123456789abcdef';
const HEX_CODES = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  return text;
}

/** FNV-1a over 32-bit words, its last word overlapping; only the quality of the cache rests on it. */
function hash(view: DataView, start: number, length: number): number {
  let mixed = Math.imul(0x811c9dc5 ^ length, 0x01000193);
  const last = start + length - 4;
  for (let at = start; at < last; at += 4) mixed = Math.imul(mixed ^ view.getUint32(at, true), 0x01000193);
  if (length >= 4) mixed = Math.imul(mixed ^ view.getUint32(last, true), 0x01000193);
  else
    for (let at = start; at < start + length; at++) mixed = Math.imul(mixed ^ view.getUint8(at), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
