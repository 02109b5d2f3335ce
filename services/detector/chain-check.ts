import type { CheckChain } from '#libs/detect/node-stage.ts';
import type { Register } from '#libs/detect/register.ts';
import { TRUST } from '#libs/detect/trust.ts';
import { CHAIN_STATE_BYTES, ChainRecords } from '#libs/evidence/chain-state.ts';
import { publicKeyOf } from '#libs/evidence/keys.ts';
import type { Seal } from '#libs/evidence/seal.ts';
import { type ChainOutcome, ChainVerifier, type Joint } from '#libs/evidence/verify.ts';
import { FRAMES_PER_SEAL } from '#libs/model/frame.ts';
import { Slab } from '#libs/stats/slab.ts';

const JOINT_FLAGS: Readonly<Record<Joint, number>> = {
  continuous: 0,
  late: 0,
  duplicate: 0,
  'new boot': 0,
  gap: TRUST.gap,
  broken: TRUST.broken,
  fork: TRUST.fork,
  stale: TRUST.stale,
};
const SEAL_FLAGS = { none: 0, good: 0, bad: TRUST.unsealed, 'key changed': TRUST.otherKey } as const;

interface Page {
  readonly records: ChainRecords;
  readonly verifier: ChainVerifier;
}

/** Chain and seals of a partition's nodes, by their row in the node table; its bytes are part of the checkpoint. */
export class ChainCheck {
  readonly #register: () => Register;
  #slab = new Slab(CHAIN_STATE_BYTES, (length) => new Uint8Array(length));
  #pages = new Map<Uint8Array, Page>();
  #rows = 0;

  constructor(register: () => Register) {
    this.#register = register;
  }

  /**
   * Follows one frame.
   * @param payload the bytes that `rows` was decoded from
   * @returns what `NodeStage.frame` asks for
   */
  of(payload: Uint8Array, seal: Seal | null): CheckChain {
    return (row, rows) => {
      const isNew = row >= this.#rows;
      if (isNew) this.#grow(row + 1);
      const { verifier, records } = this.#page(row);
      const slot = this.#slab.at(row) / CHAIN_STATE_BYTES;
      if (isNew || seal !== null) this.#enrol(verifier, records, slot, rows.node);
      const outcome = verifier.step(slot, rows, payload, seal);
      records.base = slot * CHAIN_STATE_BYTES;
      return flagsOf(outcome, records, rows.sequence);
    };
  }

  bytes(): readonly Uint8Array[] {
    return this.#slab.bytes(this.#rows);
  }

  /** @throws RangeError when the bytes do not fit the number of nodes */
  restore(bytes: Uint8Array, rows: number): void {
    this.#slab.restore(bytes, rows);
    this.#pages = new Map();
    this.#rows = rows;
  }

  sizeOf(rows: number): number {
    return this.#slab.sizeOf(rows);
  }

  #grow(rows: number): void {
    this.#slab.ensure(rows);
    this.#rows = rows;
  }

  #page(row: number): Page {
    const bytes = this.#slab.page(row);
    const known = this.#pages.get(bytes);
    if (known) return known;
    const page = { records: new ChainRecords(bytes), verifier: new ChainVerifier(bytes) };
    this.#pages.set(bytes, page);
    return page;
  }

  /** A person's enrolment is looked up at a node's first frame and with each seal. */
  #enrol(verifier: ChainVerifier, records: ChainRecords, slot: number, node: string): void {
    const registered = this.#register().nodes.get(node);
    if (!registered?.enrolled || registered.publicKey === null) return;
    if (publicKeyOf(registered.publicKey) === null) return;
    records.base = slot * CHAIN_STATE_BYTES;
    if (records.trust === 'enrolled' && records.key === registered.publicKey) return;
    verifier.enrol(slot, registered.publicKey);
  }
}

function flagsOf(outcome: ChainOutcome, records: ChainRecords, sequence: number): number {
  let flags = JOINT_FLAGS[outcome.joint] | SEAL_FLAGS[outcome.seal];
  if (outcome.missing !== null) flags |= TRUST.gap;
  const sealed = records.sealedTo > 0 && sequence - records.sealedTo <= FRAMES_PER_SEAL;
  if (!sealed) flags |= TRUST.unsealed;
  return records.trust === 'enrolled' ? flags : flags | TRUST.unenrolled;
}
