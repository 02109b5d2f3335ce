import { DIGEST_BYTES } from '#libs/model/wire.ts';

/**
 * Frames that may come out of order: this many sequence numbers back from the newest; a multiple of 8. A detector
 * keeps three minutes of windows, 18 frames; a node's tags are the largest part of what a cheap one costs.
 */
export const WINDOW = 24;

const BOOT = 32;
const TAG_BYTES = 8;
const AT = {
  sequence: 0,
  endMs: 8,
  sealedTo: 16,
  trust: 24,
  boot: 32,
  priorBoot: 64,
  digest: 96,
  key: 128,
  seen: 160,
  claimed: 164,
  tags: 168,
} as const;

/** Bytes of one node's state. All zero: nothing seen yet. */
export const CHAIN_STATE_BYTES = AT.tags + WINDOW * TAG_BYTES;

/** Whether a key is pinned, and by whom. */
export const TRUSTS = ['none', 'first use', 'enrolled'] as const;
export type Trust = (typeof TRUSTS)[number];

/**
 * Reads and writes the records of a slab: `CHAIN_STATE_BYTES` for each node, little-endian, without pointers, so
 * that the bytes are the checkpoint. Point it at a record by `base`.
 *
 * Of the frames in the window it keeps the first 8 bytes of their digest (their *tag*), and the tag that a
 * successor *claims* for a frame not seen yet. To pass for another frame out of order, a payload must match 64
 * bits; in order it is held against all 256.
 */
export class ChainRecords {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  base = 0;

  constructor(slab: Uint8Array) {
    this.#bytes = slab;
    this.#view = new DataView(slab.buffer, slab.byteOffset, slab.byteLength);
  }

  /** Highest sequence number of the boot; 0 = nothing seen. */
  get sequence(): number {
    return this.#view.getFloat64(this.base + AT.sequence, true);
  }
  set sequence(value: number) {
    this.#view.setFloat64(this.base + AT.sequence, value, true);
  }

  /** Device time of that frame, Unix ms. */
  get endMs(): number {
    return this.#view.getFloat64(this.base + AT.endMs, true);
  }
  set endMs(value: number) {
    this.#view.setFloat64(this.base + AT.endMs, value, true);
  }

  /** Highest sequence number with a good seal; 0 = none in this boot. */
  get sealedTo(): number {
    return this.#view.getFloat64(this.base + AT.sealedTo, true);
  }
  set sealedTo(value: number) {
    this.#view.setFloat64(this.base + AT.sealedTo, value, true);
  }

  get trust(): Trust {
    return TRUSTS[this.#bytes[this.base + AT.trust] ?? 0] ?? 'none';
  }

  /** The pinned key, 64 hex digits; meaningless where `trust` is `none`. */
  get key(): string {
    return Buffer.from(this.#bytes.subarray(this.base + AT.key, this.base + AT.key + 32)).toString('hex');
  }

  pin(key: string, trust: Trust): void {
    this.#bytes.set(Buffer.from(key, 'hex'), this.base + AT.key);
    this.#bytes[this.base + AT.trust] = TRUSTS.indexOf(trust);
  }

  get boot(): string {
    const start = this.base + AT.boot;
    return Buffer.from(this.#bytes.subarray(start, start + BOOT)).toString('latin1');
  }

  isBoot(boot: string): boolean {
    return this.#matches(AT.boot, boot);
  }

  isPriorBoot(boot: string): boolean {
    return this.#matches(AT.priorBoot, boot);
  }

  /** Forgets the window and the seals of the boot before, and remembers its name. The pinned key stays. */
  beginBoot(boot: string): void {
    const { base } = this;
    this.#bytes.copyWithin(base + AT.priorBoot, base + AT.boot, base + AT.boot + BOOT);
    for (let i = 0; i < BOOT; i++) this.#bytes[base + AT.boot + i] = boot.charCodeAt(i);
    this.#bytes.fill(0, base + AT.seen, base + AT.tags);
    this.sealedTo = 0;
  }

  get digest(): Uint8Array {
    return this.#bytes.subarray(this.base + AT.digest, this.base + AT.digest + DIGEST_BYTES);
  }
  set digest(digest: Uint8Array) {
    this.#bytes.set(digest, this.base + AT.digest);
  }

  isDigest(digest: Uint8Array): boolean {
    return this.#equal(AT.digest, digest, DIGEST_BYTES);
  }

  isSeen(sequence: number): boolean {
    return this.#bit(AT.seen, sequence);
  }

  isClaimed(sequence: number): boolean {
    return this.#bit(AT.claimed, sequence);
  }

  see(sequence: number, digest: Uint8Array): void {
    this.#setBit(AT.seen, sequence, true);
    this.#setTag(sequence, digest);
  }

  claim(sequence: number, digest: Uint8Array): void {
    this.#setBit(AT.claimed, sequence, true);
    this.#setTag(sequence, digest);
  }

  /** A place of the window is taken over by a new sequence number. */
  forget(sequence: number): void {
    this.#setBit(AT.seen, sequence, false);
    this.#setBit(AT.claimed, sequence, false);
  }

  isTag(sequence: number, digest: Uint8Array): boolean {
    return this.#equal(AT.tags + (sequence % WINDOW) * TAG_BYTES, digest, TAG_BYTES);
  }

  #setTag(sequence: number, digest: Uint8Array): void {
    const at = this.base + AT.tags + (sequence % WINDOW) * TAG_BYTES;
    for (let i = 0; i < TAG_BYTES; i++) this.#bytes[at + i] = digest[i] ?? 0;
  }

  #matches(offset: number, boot: string): boolean {
    const start = this.base + offset;
    for (let i = 0; i < BOOT; i++) if (this.#bytes[start + i] !== boot.charCodeAt(i)) return false;
    return true;
  }

  #equal(offset: number, other: Uint8Array, length: number): boolean {
    const start = this.base + offset;
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== other[i]) return false;
    return true;
  }

  #bit(offset: number, sequence: number): boolean {
    const place = sequence % WINDOW;
    return ((this.#bytes[this.base + offset + (place >> 3)] ?? 0) & (1 << (place & 7))) !== 0;
  }

  #setBit(offset: number, sequence: number, value: boolean): void {
    const place = sequence % WINDOW;
    const at = this.base + offset + (place >> 3);
    const bit = 1 << (place & 7);
    const byte = this.#bytes[at] ?? 0;
    this.#bytes[at] = value ? byte | bit : byte & ~bit;
  }
}
