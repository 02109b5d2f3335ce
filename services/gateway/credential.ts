import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { NodeRegister } from '#libs/ledger/port.ts';
import { Refusal } from './replies.ts';

const SECRET_BYTES = 32;
/** A withdrawn credential still works for as long; in return a batch costs the ledger nothing. */
const REMEMBERED_MS = 10_000;
const REMEMBERED_NODES = 100_000;
const NO_HASH = '0'.repeat(64);

/** A new credential: `<node>.<43 characters>`. Only its hash is kept. */
export function newCredential(node: string): string {
  return `${node}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** SHA-256, hex: what `NodeRecord.credentialHash` holds. */
export function credentialHash(credential: string): string {
  return createHash('sha256').update(credential).digest('hex');
}

/** `Bearer <token>` → the token; null for anything else. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1] ?? null;
}

/** The node that a credential names; the name may have dots, the secret has none. */
function claimedNode(credential: string): string {
  return credential.slice(0, Math.max(0, credential.lastIndexOf('.')));
}

interface Remembered {
  readonly hash: string | null;
  /** Unix ms; null: the node serves. */
  readonly decommissionedMs: number | null;
  readonly untilMs: number;
}

const STRANGER: Omit<Remembered, 'untilMs'> = { hash: null, decommissionedMs: null };

/** Tells whose a credential is. Hashes are compared in constant time, known nodes or not. */
export class CredentialCheck {
  readonly #nodes: Pick<NodeRegister, 'find'>;
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();

  constructor(nodes: Pick<NodeRegister, 'find'>, now: () => number) {
    this.#nodes = nodes;
    this.#now = now;
  }

  /**
   * @returns the node, or null for a credential that is not valid.
   * @throws Refusal for that of a node which a person took out of service; LedgerUnavailableError
   */
  async nodeOf(credential: string): Promise<string | null> {
    const node = claimedNode(credential);
    const { hash, decommissionedMs } = await this.#known(node);
    const given = Buffer.from(credentialHash(credential), 'hex');
    const equal = timingSafeEqual(given, Buffer.from(hash ?? NO_HASH, 'hex'));
    if (!equal || hash === null) return null;
    if (decommissionedMs === null) return node;
    const since = new Date(decommissionedMs).toISOString();
    throw new Refusal(401, `${node} was decommissioned at ${since}: expected it to be enrolled again`);
  }

  /** A node has joined: its old credential ends at once. */
  forget(node: string): void {
    this.#remembered.delete(node);
  }

  async #known(node: string): Promise<Omit<Remembered, 'untilMs'>> {
    const remembered = this.#remembered.get(node);
    if (remembered && remembered.untilMs > this.#now()) return remembered;
    const record = await this.#nodes.find(node);
    if (!record || record.credentialHash === null) return STRANGER;
    // A cache of names that strangers made up must not grow without bound.
    if (this.#remembered.size >= REMEMBERED_NODES) this.#remembered.clear();
    const { credentialHash: hash, decommissionedMs } = record;
    this.#remembered.set(node, { hash, decommissionedMs, untilMs: this.#now() + REMEMBERED_MS });
    return { hash, decommissionedMs };
  }
}
