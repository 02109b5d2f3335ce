import { Chain } from '#libs/evidence/chain.ts';
import type { NodeKeys } from '#libs/evidence/keys.ts';
import type { FrameMessage } from '#libs/model/batch.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { HEADERS } from '#libs/model/headers.ts';
import type { Gathered } from './gathering.ts';

export interface FrameOrigin {
  readonly node: string;
  readonly site: string;
  /** 32 random hex digits, anew with every start. */
  readonly boot: string;
  readonly intervalMs: number;
}

/** Makes messages of what was gathered: numbered, chained and sealed. The messages must be sent in this order. */
export class FrameMaker {
  readonly #origin: FrameOrigin;
  readonly #chain: Chain;

  constructor(origin: FrameOrigin, keys: NodeKeys) {
    this.#origin = origin;
    this.#chain = new Chain(origin.boot, keys);
  }

  /** @param last the boot ends with it: it is sealed whatever its number. */
  make(gathered: Gathered, endMs: number, last: boolean): FrameMessage {
    const sequence = this.#chain.nextSequence;
    const { previous } = this.#chain;
    const payload = encodeFrame({ ...this.#origin, ...gathered, sequence, endMs, previous, covers: [] });
    const seal = this.#chain.append(payload, last);
    const headers = {
      [HEADERS.type]: 'frame',
      [HEADERS.node]: this.#origin.node,
      [HEADERS.boot]: this.#origin.boot,
      [HEADERS.sequence]: String(sequence),
      ...(seal && { [HEADERS.seal]: seal.signature, [HEADERS.key]: seal.key }),
    };
    return { headers, payload };
  }
}
