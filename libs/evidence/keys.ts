import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A public key travels as its raw 32 bytes in 64 hex digits. */
const PUBLIC_KEY_HEX = /^[0-9a-f]{64}$/;
/** Importing a key costs a third of a verification, and a node's key returns with every seal. */
const MAX_CACHED_KEYS = 4096;
const cache = new Map<string, KeyObject>();

export interface NodeKeys {
  readonly privateKey: KeyObject;
  /** Raw 32 bytes, hex. */
  readonly publicKey: string;
}

/** A new Ed25519 key pair for a node. */
export function generateKeys(): NodeKeys {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKeyHex(privateKey) };
}

/** The pair of a private key kept as PKCS #8 PEM. @throws Error for a text that is not an Ed25519 private key. */
export function keysFromPem(pem: string): NodeKeys {
  const privateKey = createPrivateKey(pem);
  return { privateKey, publicKey: publicKeyHex(privateKey) };
}

export function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Raw public key in hex, of a public or a private key. @throws RangeError for a key that is not Ed25519. */
export function publicKeyHex(key: KeyObject): string {
  const { crv, x } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) {
    throw new RangeError(`${key.asymmetricKeyType}: expected an Ed25519 key`);
  }
  return Buffer.from(x, 'base64url').toString('hex');
}

/** The key object of 64 hex digits, imported once; null for any other text. */
export function publicKeyOf(hex: string): KeyObject | null {
  const known = cache.get(hex);
  if (known !== undefined) return known;
  if (!PUBLIC_KEY_HEX.test(hex)) return null;
  const x = Buffer.from(hex, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (cache.size >= MAX_CACHED_KEYS) cache.clear();
  cache.set(hex, key);
  return key;
}
