import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { generateKeys, keysFromPem, pemOf, publicKeyHex, publicKeyOf } from '#libs/evidence/keys.ts';
import { digestOf, isSealed, sealDigest } from '#libs/evidence/seal.ts';

test('keeps a key over PEM and names it by the same 64 hex digits', () => {
  const keys = generateKeys();
  expect(keysFromPem(pemOf(keys.privateKey)).publicKey).toBe(keys.publicKey);
  expect(publicKeyHex(createPublicKey(keys.privateKey))).toBe(keys.publicKey);
  expect(keys.publicKey).toMatch(/^[0-9a-f]{64}$/);
});

test('imports a key once', () => {
  const { publicKey } = generateKeys();
  expect(publicKeyOf(publicKey)).toBe(publicKeyOf(publicKey));
});

test('imports RFC 8032 test 1 and verifies its kind of signature', () => {
  // RFC 8032, section 7.1, TEST 1: an empty message.
  const key = publicKeyOf('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const signature =
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
  if (key === null) throw new Error('64 hex digits are a key');
  expect(verify(null, Buffer.of(), key, Buffer.from(signature, 'hex'))).toBe(true);
});

test('seals what SHA-256 makes of a payload', () => {
  const keys = generateKeys();
  const payload = Buffer.from('abc');
  // FIPS 180-2, appendix B.1.
  expect(Buffer.from(digestOf(payload)).toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  const seal = { signature: sealDigest(digestOf(payload), keys.privateKey), key: keys.publicKey };
  expect(isSealed(digestOf(payload), seal)).toBe(true);
  expect(isSealed(digestOf(Buffer.from('abd')), seal)).toBe(false);
});

test('refuses a key of another kind', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect(() => publicKeyHex(publicKey)).toThrow('ec: expected an Ed25519 key');
});
