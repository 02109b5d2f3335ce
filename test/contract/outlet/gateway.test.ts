import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateKeys } from '#libs/evidence/keys.ts';
import { MAX_BATCH_BYTES } from '#libs/model/batch.ts';
import { BusUnavailableError, GatewayRefusedError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import { GatewayClient } from '#services/agent/gateway-client.ts';
import { createGatewayOutlet } from '#services/agent/gateway-outlet.ts';
import { openIdentity, siteOf } from '#services/agent/identity.ts';
import { nodeCredential } from '#services/agent/join.ts';
import type { OutgoingFrame, Outlet } from '#services/agent/outlet.ts';
import { credentialHash } from '#services/gateway/credential.ts';
import { createJoinToken } from '#services/gateway/join-token.ts';
import { outletContract } from './contract.ts';
import { type GatewayWorld, NODE, nodeRecord, openGatewayWorld, someFrames } from './world.ts';

outletContract(openGatewayWorld, 10_000);

let stack: AsyncDisposableStack;
let world: GatewayWorld;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  world = await openGatewayWorld(stack);
});
afterEach(() => stack.disposeAsync());

function client({ port, fingerprint } = gatewayOf(world)): GatewayClient {
  const url = `https://127.0.0.1:${port}`;
  return stack.adopt(new GatewayClient({ url, fingerprint }), (it) => it.close());
}

const gatewayOf = ({ url, gateway: { fingerprint } }: GatewayWorld) => ({
  port: Number(new URL(url).port),
  fingerprint,
});

function outletWith(credential: string, through = client()): Outlet {
  return createGatewayOutlet(through, async () => credential);
}

function refusals(status: number): number {
  return world.counters.value('gateway_refusals_total', { status: String(status) });
}

test('a wrong credential is refused, whether the node is known or not', async () => {
  for (const credential of [`${NODE}.${'x'.repeat(43)}`, `nobody.${'x'.repeat(43)}`, 'nonsense']) {
    await expect(outletWith(credential).send(someFrames(1))).rejects.toBeInstanceOf(GatewayRefusedError);
  }
  expect(await world.bus.frames()).toEqual([]);
  expect(refusals(401)).toBe(3);
});

test('another certificate than the one pinned is refused before anything is sent', async () => {
  const stranger = client({ ...gatewayOf(world), fingerprint: 'ab'.repeat(32) });
  await expect(outletWith(world.credential, stranger).send(someFrames(1))).rejects.toBeInstanceOf(
    GatewayRefusedError,
  );
  expect(refusals(401)).toBe(0);
  expect(await world.bus.frames()).toEqual([]);
});

test('a certificate that no authority vouches for is refused where none is pinned', async () => {
  const unpinned = stack.adopt(new GatewayClient({ url: world.url }), (it) => it.close());
  await expect(outletWith(world.credential, unpinned).send(someFrames(1))).rejects.toBeInstanceOf(
    BusUnavailableError,
  );
});

test('frames in the name of another node are refused whole, by header and by payload', async () => {
  const [own, foreign] = [someFrames(1), someFrames(1, 'node-2')];
  const disguised = foreign.map(({ payload }) => ({ ...(own[0] as OutgoingFrame), payload }));
  await expect(world.outlet.send([...own, ...foreign])).rejects.toThrow(/403/);
  await expect(world.outlet.send([...own, ...disguised])).rejects.toThrow(/403/);
  expect(refusals(403)).toBe(2);
  expect(await world.bus.frames()).toEqual([]);
});

test('messages that are no frames, and headers of strangers, are refused', async () => {
  const [frame] = someFrames(1) as [OutgoingFrame];
  const tick = { ...frame, headers: { ...frame.headers, type: 'tick' } };
  const origin = { ...frame, headers: { ...frame.headers, origin: 'x' } };
  for (const odd of [tick, origin]) await expect(world.outlet.send([odd])).rejects.toThrow(/400/);
  expect(await world.bus.frames()).toEqual([]);
});

test('a header that no agent sends is refused by its name, with what was expected', async () => {
  const [frame] = someFrames(1) as [OutgoingFrame];
  for (const boot of ['b'.repeat(60_000), 'a\u0000b']) {
    const odd = { ...frame, headers: { ...frame.headers, boot } };
    await expect(world.outlet.send([frame, odd])).rejects.toThrow(
      /400.*header boot .*expected 32 lower-case/,
    );
  }
  expect(await world.bus.frames()).toEqual([]);
});

test('a payload that is no frame passes: the writer keeps what cannot be read', async () => {
  const [frame] = someFrames(1) as [OutgoingFrame];
  const poisoned = { ...frame, payload: Uint8Array.of(1, 2, 3) };
  await world.outlet.send([poisoned]);
  expect(await world.bus.frames()).toEqual([poisoned]);
});

test('bytes that are no batch are refused', async () => {
  const headers = { authorization: `Bearer ${world.credential}`, 'content-type': 'application/octet-stream' };
  for (const body of [Buffer.alloc(0), Buffer.from([9, 0, 0]), Buffer.from([1, 0, 1, 4])]) {
    expect((await client().post('/v1/frames', headers, body)).status).toBe(400);
  }
});

test('a batch beyond the limit is to be split', async () => {
  const [frame] = someFrames(1) as [OutgoingFrame];
  const large = { ...frame, payload: new Uint8Array(MAX_BATCH_BYTES) };
  await expect(world.outlet.send([large])).rejects.toBeInstanceOf(MessageTooLargeError);
});

test('while the bus is away the answer is 503 with a time to come back', async () => {
  await world.bus.close();
  await expect(world.outlet.send(someFrames(1))).rejects.toThrow(/503/);
  await world.bus.open();
  await world.outlet.send(someFrames(1));
  expect(await world.bus.frames()).toHaveLength(1);
});

test('a node joins with a one-time token, and its key is enrolled', async () => {
  const identity = openIdentity(join(world.dataDir, 'agent'), 'node-3');
  const grant = { node: null, site: 'site-3', tenant: 'tenant-3', expiresMs: Date.now() + 60_000 };
  const token = createJoinToken(world.dataDir, grant);
  const credential = await nodeCredential(identity, client(), token);
  await outletWith(credential).send(someFrames(2, 'node-3'));

  expect(await world.bus.frames()).toHaveLength(2);
  expect(await world.ledger.nodes.find('node-3')).toMatchObject({
    site: 'site-3',
    tenant: 'tenant-3',
    publicKey: identity.keys.publicKey,
    enrolled: true,
  });
  expect(await nodeCredential(identity, client(), undefined)).toBe(credential);
  expect(siteOf(identity, undefined)).toBe('site-3');
  expect(siteOf(identity, 'other')).toBe('other');

  const other = openIdentity(join(world.dataDir, 'other'), 'node-4');
  await expect(nodeCredential(other, client(), token)).rejects.toThrow(/401/);
});

test('a spent token stays spent after a restart, and an expired or forged one never was good', async () => {
  const grant = { node: null, site: 'site-3', tenant: null, expiresMs: Date.now() + 60_000 };
  const spent = createJoinToken(world.dataDir, grant);
  await nodeCredential(openIdentity(join(world.dataDir, 'a'), 'node-a'), client(), spent);
  await world.goAway();
  await world.comeBack();
  const expired = createJoinToken(world.dataDir, { ...grant, expiresMs: Date.now() - 1 });
  const forged = createJoinToken(join(world.dataDir, 'elsewhere'), grant);
  for (const [i, token] of [spent, expired, forged].entries()) {
    const identity = openIdentity(join(world.dataDir, `b${i}`), `node-b${i}`);
    await expect(nodeCredential(identity, client(), token)).rejects.toThrow(/401/);
  }
});

test('of two gateways on one ledger, each takes no token that the other took', async () => {
  const second = await world.another();
  const grant = { node: null, site: 'site-3', tenant: null, expiresMs: Date.now() + 60_000 };
  const token = createJoinToken(world.dataDir, grant);
  await nodeCredential(openIdentity(join(world.dataDir, 'a'), 'node-a'), client(), token);
  const late = openIdentity(join(world.dataDir, 'b'), 'node-b');
  await expect(nodeCredential(late, client(second), token)).rejects.toThrow(/401.*expected a new one/);
  expect(await world.ledger.nodes.find('node-b')).toBeNull();
});

test('a token for any node changes nothing of one that is known; one in its name does', async () => {
  const identity = openIdentity(join(world.dataDir, 'taker'), NODE);
  const known = { ...nodeRecord(NODE, credentialHash(world.credential)), tenant: 'tenant-1' };
  const grant = { site: 'site-9', tenant: 'tenant-9', expiresMs: Date.now() + 60_000 };
  const any = createJoinToken(world.dataDir, { ...grant, node: null });
  // A public key is no secret: it stands beside every seal.
  for (const publicKey of [null, identity.keys.publicKey, generateKeys().publicKey]) {
    await world.ledger.nodes.enrol({ ...known, publicKey });
    await expect(nodeCredential(identity, client(), any)).rejects.toThrow(/409.*davylamp enrol node-1/);
    expect(await world.ledger.nodes.find(NODE)).toEqual({ ...known, publicKey });
  }
  await world.outlet.send(someFrames(1));
  const others = createJoinToken(world.dataDir, { ...grant, node: 'node-9' });
  await expect(nodeCredential(identity, client(), others)).rejects.toThrow(/403/);

  const named = createJoinToken(world.dataDir, { ...grant, node: NODE });
  const credential = await nodeCredential(identity, client(), named);
  await outletWith(credential).send(someFrames(1));
  await expect(outletWith(world.credential).send(someFrames(1))).rejects.toThrow(/401/);
});
