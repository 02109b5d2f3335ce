import { expect, test } from 'vitest';
import type { NodeRecord } from '#libs/ledger/port.ts';
import { bearerToken, CredentialCheck, credentialHash, newCredential } from '#services/gateway/credential.ts';

/** A register that counts what it is asked. */
function register(hashes: Record<string, string | null>) {
  let asked = 0;
  const rest = { site: 's', tenant: null, hardware: null, publicKey: null, enrolled: true, firstSeenMs: 0 };
  return {
    hashes,
    asked: () => asked,
    async find(node: string): Promise<NodeRecord | null> {
      asked += 1;
      const credential = hashes[node];
      return credential === undefined
        ? null
        : { ...rest, decommissionedMs: null, node, credentialHash: credential };
    },
  };
}

test('a credential names its node, dots and all', async () => {
  const credential = newCredential('gpu-07.example.org');
  const nodes = register({ 'gpu-07.example.org': credentialHash(credential) });
  const check = new CredentialCheck(nodes, () => 0);
  expect(await check.nodeOf(credential)).toBe('gpu-07.example.org');
  expect(await check.nodeOf(credential.replace('gpu-07', 'gpu-08'))).toBeNull();
  expect(await check.nodeOf(`${credential}x`)).toBeNull();
});

test('two credentials of one node differ, and neither holds its hash', () => {
  const [one, two] = [newCredential('n'), newCredential('n')];
  expect(one).not.toBe(two);
  expect(one).toMatch(/^n\.[\w-]{43}$/);
  expect(credentialHash(one)).toMatch(/^[0-9a-f]{64}$/);
});

test('a node without a credential takes none, not even the hash of nothing', async () => {
  const check = new CredentialCheck(register({ n: null }), () => 0);
  for (const credential of ['n.', 'n.x', '', '.']) expect(await check.nodeOf(credential)).toBeNull();
});

test('the ledger is asked once in ten seconds, and at once after a node has joined again', async () => {
  let nowMs = 0;
  const [old, fresh] = [newCredential('n'), newCredential('n')];
  const nodes = register({ n: credentialHash(old) });
  const check = new CredentialCheck(nodes, () => nowMs);
  for (let i = 0; i < 5; i++) await check.nodeOf(old);
  expect(nodes.asked()).toBe(1);

  nodes.hashes.n = credentialHash(fresh);
  expect(await check.nodeOf(fresh)).toBeNull();
  check.forget('n');
  expect(await check.nodeOf(fresh)).toBe('n');

  nodes.hashes.n = null;
  nowMs = 10_001;
  expect(await check.nodeOf(fresh)).toBeNull();
});

test('reads a bearer token and nothing else', () => {
  const cases: [header: string | undefined, token: string | null][] = [
    ['Bearer n.abc', 'n.abc'],
    ['bearer n.abc', 'n.abc'],
    ['Basic bjphYmM=', null],
    ['Bearer ', null],
    ['Bearer a b', null],
    [`Bearer ${'x'.repeat(513)}`, null],
    [undefined, null],
  ];
  for (const [header, token] of cases) expect(bearerToken(header)).toBe(token);
});

test('the credential of a decommissioned node is refused with a sentence that says so', async () => {
  const credential = newCredential('n');
  const known = register({ n: credentialHash(credential) });
  const find = async (node: string) => {
    const record = await known.find(node);
    return record && { ...record, decommissionedMs: Date.UTC(2026, 0, 1) };
  };
  const check = new CredentialCheck({ find }, () => 0);
  await expect(check.nodeOf(credential)).rejects.toThrow(
    'n was decommissioned at 2026-01-01T00:00:00.000Z: expected it to be enrolled again',
  );
  expect(await check.nodeOf(`${credential}x`)).toBeNull();
});
