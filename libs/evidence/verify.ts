import type { Frame, SequenceRun } from '#libs/model/frame.ts';
import { CHAIN_STATE_BYTES, ChainRecords, type Trust, WINDOW } from './chain-state.ts';
import { publicKeyOf } from './keys.ts';
import { digestOf, isSealed, type Seal } from './seal.ts';

/**
 * How a frame joins what was seen of its node.
 *
 * - `continuous`: the next of its boot, and it names the digest of the one before.
 * - `gap`: further on; `missing` says which numbers were passed over. They may still come `late`.
 * - `late`: out of order, within the window, and it fits its neighbours as far as they are known.
 * - `duplicate`: the same bytes again. Harmless: delivery is at least once.
 * - `new boot`: the agent (or this reader) began anew; `missing` where it begins above 1.
 * - `broken`: it does not fit the frame before or after it: one of the two is not what was sent.
 * - `fork`: other bytes under a number that was seen, or a boot that returns: two senders under one name.
 * - `stale`: too old to be compared: a replay, a backlog, or a new boot with its clock set back. Not taken in.
 */
export type Joint = 'continuous' | 'gap' | 'late' | 'duplicate' | 'new boot' | 'broken' | 'fork' | 'stale';

/** `key changed`: rightly signed, by another key than the pinned one, which stays pinned. */
export type SealState = 'none' | 'good' | 'bad' | 'key changed';

export interface ChainOutcome {
  readonly joint: Joint;
  /** Sequence numbers passed over; null where there are none. */
  readonly missing: SequenceRun | null;
  readonly seal: SealState;
  /** SHA-256 of the payload. */
  readonly digest: Uint8Array;
}

/** What of a frame the chain needs; a decoded frame and `DecodedRows` both have it. */
export type ChainHeader = Pick<Frame, 'boot' | 'sequence' | 'endMs' | 'previous'>;

export interface ChainSummary {
  readonly boot: string;
  readonly sequence: number;
  readonly sealedTo: number;
  readonly trust: Trust;
  /** 64 hex digits, or null while no key is pinned. */
  readonly key: string | null;
}

/**
 * Follows the chains of many nodes in one slab of `CHAIN_STATE_BYTES` a node; a slot of zeros is a node never
 * seen. Pure but for the slab: the same frames in the same order give the same outcomes and bytes.
 *
 * A sealed frame of the enrolled key that does not fit where the chain stands is where the chain goes on: the unsealed
 * frames since the last seal are the doubtful ones.
 *
 * What it cannot see: frames cut off at the end (that is silence, counted in ticks), and what a node that holds
 * its own key wrote in the first place.
 */
export class ChainVerifier {
  readonly #records: ChainRecords;

  constructor(slab: Uint8Array = new Uint8Array(CHAIN_STATE_BYTES)) {
    this.#records = new ChainRecords(slab);
  }

  /** Takes one frame of the node in `slot`. Costs one SHA-256, and one verification where there is a seal. */
  step(slot: number, header: ChainHeader, payload: Uint8Array, seal: Seal | null = null): ChainOutcome {
    this.#records.base = slot * CHAIN_STATE_BYTES;
    const digest = digestOf(payload);
    const before = this.#records.sequence;
    const joint = this.#join(header, digest);
    return {
      joint,
      missing: missingBefore(joint, header.sequence, before),
      seal: seal === null ? 'none' : this.#checkSeal(seal, header, digest, joint),
      digest,
    };
  }

  /** Pins the key that a person enrolled for the node. @throws RangeError for text that is not a public key. */
  enrol(slot: number, key: string): void {
    if (publicKeyOf(key) === null) throw new RangeError(`${key}: expected a public key of 64 hex digits`);
    this.#records.base = slot * CHAIN_STATE_BYTES;
    this.#records.pin(key, 'enrolled');
  }

  /** @returns null for a node never seen. */
  summary(slot: number): ChainSummary | null {
    const records = this.#records;
    records.base = slot * CHAIN_STATE_BYTES;
    const { boot, sequence, sealedTo, trust } = records;
    if (sequence === 0) return null;
    return { boot, sequence, sealedTo, trust, key: trust === 'none' ? null : records.key };
  }

  #join(header: ChainHeader, digest: Uint8Array): Joint {
    const { sequence } = this.#records;
    if (sequence === 0) return this.#begin(header, digest);
    if (!this.#records.isBoot(header.boot)) return this.#joinOtherBoot(header, digest);
    if (header.sequence > sequence) return this.#advance(header, digest, sequence);
    if (header.sequence > sequence - WINDOW) return this.#joinWindow(header, digest, sequence);
    return 'stale';
  }

  #begin(header: ChainHeader, digest: Uint8Array): Joint {
    const records = this.#records;
    records.beginBoot(header.boot);
    this.#takeHead(header, digest);
    if (header.sequence > 1) records.claim(header.sequence - 1, header.previous);
    return header.sequence === 1 && !isZero(header.previous) ? 'broken' : 'new boot';
  }

  #joinOtherBoot(header: ChainHeader, digest: Uint8Array): Joint {
    if (header.endMs <= this.#records.endMs) return 'stale';
    const returns = this.#records.isPriorBoot(header.boot);
    const joint = this.#begin(header, digest);
    return returns ? 'fork' : joint;
  }

  #advance(header: ChainHeader, digest: Uint8Array, newest: number): Joint {
    const records = this.#records;
    const { sequence, previous } = header;
    const fits = records.isDigest(previous);
    for (let i = Math.max(newest + 1, sequence - WINDOW + 1); i <= sequence; i++) records.forget(i);
    this.#takeHead(header, digest);
    if (sequence === newest + 1) return fits ? 'continuous' : 'broken';
    records.claim(sequence - 1, previous);
    return 'gap';
  }

  #takeHead(header: ChainHeader, digest: Uint8Array): void {
    const records = this.#records;
    records.sequence = header.sequence;
    records.endMs = header.endMs;
    records.digest = digest;
    records.see(header.sequence, digest);
  }

  #joinWindow({ sequence, previous }: ChainHeader, digest: Uint8Array, newest: number): Joint {
    const records = this.#records;
    if (records.isSeen(sequence)) return records.isTag(sequence, digest) ? 'duplicate' : 'fork';
    // Not taken in: the frame that its successor speaks of may still come.
    if (records.isClaimed(sequence) && !records.isTag(sequence, digest)) return 'broken';
    records.see(sequence, digest);
    return this.#fitsBefore(sequence, previous, newest) ? 'late' : 'broken';
  }

  #fitsBefore(sequence: number, previous: Uint8Array, newest: number): boolean {
    const records = this.#records;
    if (sequence === 1) return isZero(previous);
    const before = sequence - 1;
    if (before <= newest - WINDOW) return true;
    if (records.isSeen(before) || records.isClaimed(before)) return records.isTag(before, previous);
    records.claim(before, previous);
    return true;
  }

  #checkSeal(seal: Seal, header: ChainHeader, digest: Uint8Array, joint: Joint): SealState {
    const records = this.#records;
    if (!isSealed(digest, seal)) return 'bad';
    if (records.trust !== 'none' && records.key !== seal.key) return 'key changed';
    if (joint === 'stale') return 'good';
    if (joint === 'fork' || joint === 'broken') {
      if (!this.#isOwnHead(header)) return 'good';
      this.#takeHead(header, digest);
    }
    if (records.trust === 'none') records.pin(seal.key, 'first use');
    records.sealedTo = Math.max(records.sealedTo, header.sequence);
    return 'good';
  }

  /**
   * Whether a sealed frame that does not fit is believed against the frames it does not fit: the enrolled key signed
   * it, and nobody signed those. An older one may be a replay, or the rest of a chain that has gone on.
   */
  #isOwnHead({ sequence }: ChainHeader): boolean {
    return this.#records.trust === 'enrolled' && sequence === this.#records.sequence;
  }
}

function missingBefore(joint: Joint, sequence: number, newest: number): SequenceRun | null {
  if (joint === 'gap') return { from: newest + 1, to: sequence - 1 };
  return joint === 'new boot' && sequence > 1 ? { from: 1, to: sequence - 1 } : null;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
