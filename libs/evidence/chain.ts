import { FRAMES_PER_SEAL } from '#libs/model/frame.ts';
import { DIGEST_BYTES } from '#libs/model/wire.ts';
import type { NodeKeys } from './keys.ts';
import { digestOf, type Seal, sealDigest } from './seal.ts';

/**
 * The agent's end of a chain: one per start of the agent, in memory only, because a new boot begins a new chain.
 *
 * For each frame: put `nextSequence` and `previous` into it, encode it, then `append` the bytes as they will be
 * sent, before the next frame is made.
 */
export class Chain {
  readonly boot: string;
  readonly #keys: NodeKeys;
  #sequence = 0;
  #digest: Uint8Array = new Uint8Array(DIGEST_BYTES);

  /** @param boot 32 random hex digits. */
  constructor(boot: string, keys: NodeKeys) {
    this.boot = boot;
    this.#keys = keys;
  }

  get nextSequence(): number {
    return this.#sequence + 1;
  }

  /** SHA-256 of the payload appended last; 32 zero bytes before the first. */
  get previous(): Uint8Array {
    return this.#digest;
  }

  /**
   * Takes a payload into the chain.
   * @param last it is the last of this boot: seal it whatever its number.
   * @returns the seal to send beside it, on every 90th frame and the last; else null.
   */
  append(payload: Uint8Array, last = false): Seal | null {
    this.#digest = digestOf(payload);
    this.#sequence++;
    if (!last && this.#sequence % FRAMES_PER_SEAL !== 0) return null;
    return { signature: sealDigest(this.#digest, this.#keys.privateKey), key: this.#keys.publicKey };
  }
}
