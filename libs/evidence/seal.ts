import { hash, type KeyObject, sign, verify } from 'node:crypto';
import { publicKeyOf } from './keys.ts';

/** As it stands in a message's headers `seal` and `key`. */
export interface Seal {
  /** Ed25519 signature of SHA-256(payload), 128 hex digits. */
  readonly signature: string;
  /** Raw Ed25519 public key, 64 hex digits. */
  readonly key: string;
}

const SIGNATURE_HEX = /^[0-9a-f]{128}$/;

/** SHA-256 of a payload as sent: what the next frame names as its `previous`, and what a seal signs. 32 bytes. */
export function digestOf(payload: Uint8Array): Uint8Array {
  // One call costs half of what a Hash object does, and text from it half of what a buffer does: V8 owns it.
  return Buffer.from(hash('sha256', payload, 'binary'), 'binary');
}

/** @returns the signature over a digest, 128 hex digits. */
export function sealDigest(digest: Uint8Array, privateKey: KeyObject): string {
  return sign(null, digest, privateKey).toString('hex');
}

/** Whether the seal's key signed the digest; false also for hex that is none. About 70–110 µs. */
export function isSealed(digest: Uint8Array, seal: Seal): boolean {
  const key = publicKeyOf(seal.key);
  if (key === null || !SIGNATURE_HEX.test(seal.signature)) return false;
  return verify(null, digest, key, Buffer.from(seal.signature, 'hex'));
}
