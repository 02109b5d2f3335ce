import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GatewayClient } from '#services/agent/gateway-client.ts';
import { createGatewayOutlet } from '#services/agent/gateway-outlet.ts';
import { openIdentity } from '#services/agent/identity.ts';
import { nodeCredential } from '#services/agent/join.ts';
import type { Outlet } from '#services/agent/outlet.ts';
import { credentialHash, newCredential } from '#services/gateway/credential.ts';
import { createJoinToken } from '#services/gateway/join-token.ts';
import { eventually } from '#test/support/eventually.ts';
import { type GatewayWorld, NODE, nodeRecord, openGatewayWorld, someFrames } from './world.ts';

vi.setConfig({ testTimeout: 30_000 });

/** More than there are places of either kind. */
const MANY = 20;

let stack: AsyncDisposableStack;
let world: GatewayWorld;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  world = await openGatewayWorld(stack);
});
afterEach(() => stack.disposeAsync());

function client(): GatewayClient {
  const { url, gateway } = world;
  return stack.adopt(new GatewayClient({ url, fingerprint: gateway.fingerprint }), (it) => it.close());
}

async function outletOf(node: string): Promise<Outlet> {
  const credential = newCredential(node);
  await world.ledger.nodes.enrol(nodeRecord(node, credentialHash(credential)));
  return createGatewayOutlet(client(), async () => credential);
}

interface IdleSocket {
  readonly answer: string;
  readonly isClosed: boolean;
}

/** Says that a body follows, and sends one byte of it. */
function idleSocket(path: string, token: string, type: string): IdleSocket {
  const state = { answer: '', isClosed: false };
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\n`;
  const options = { host: '127.0.0.1', port: Number(new URL(world.url).port), rejectUnauthorized: false };
  const socket = connect(options, () => socket.write(`${head}Content-Length: 100\r\n\r\n{`));
  socket.on('data', (bytes) => {
    state.answer += bytes.toString();
  });
  // Cut off by the other side is what is waited for.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.isClosed = true;
  });
  stack.defer(() => {
    socket.destroy();
  });
  return state;
}

const idleSockets = (path: string, token: string, type: string) =>
  Array.from({ length: MANY }, () => idleSocket(path, token, type));

const answered = (sockets: readonly IdleSocket[], status: number) =>
  sockets.filter(({ answer }) => answer.startsWith(`HTTP/1.1 ${status}`)).length;

const aToken = () =>
  createJoinToken(world.dataDir, {
    node: null,
    site: 'site-1',
    tenant: null,
    expiresMs: Date.now() + 60_000,
  });

test('strangers who send no body hold no place, on any path', async () => {
  const sockets = [
    ...idleSockets('/v1/join', 'nonsense', 'application/json'),
    ...idleSockets('/v1/frames', `${NODE}.nonsense`, 'application/octet-stream'),
    ...idleSockets('/v1/nothing', 'nonsense', 'application/json'),
  ];
  await eventually(
    'an answer to all',
    async () => [answered(sockets, 401), answered(sockets, 404)],
    ([refused, missed]) => refused === 2 * MANY && missed === MANY,
    5_000,
    50,
  );
  await world.outlet.send(someFrames(1));
  const identity = openIdentity(join(world.dataDir, 'agent'), 'node-3');
  await nodeCredential(identity, client(), aToken());
});

test('a node that sends no bodies holds two places, and only until it is late', async () => {
  const other = await outletOf('node-2');
  const sockets = idleSockets('/v1/frames', world.credential, 'application/octet-stream');
  await eventually(
    'all but two to be put off',
    async () => answered(sockets, 503),
    (count) => count === MANY - 2,
    5_000,
    50,
  );
  await other.send(someFrames(1, 'node-2'));
  await expect(world.outlet.send(someFrames(1))).rejects.toThrow(/503/);

  await eventually(
    'the end of all',
    async () => sockets.filter(({ isClosed }) => isClosed).length,
    (count) => count === MANY,
    20_000,
    200,
  );
  await world.outlet.send(someFrames(1));
  expect(answered(sockets, 408)).toBe(2);
});

test('whoever holds all the places of joins keeps no frame waiting, and one token has one', async () => {
  const [token, ...tokens] = Array.from({ length: MANY }, aToken) as [string, ...string[]];
  const twice = [token, token].map((it) => idleSocket('/v1/join', it, 'application/json'));
  await eventually(
    'one of them to be put off',
    async () => answered(twice, 503),
    (count) => count === 1,
    5_000,
    50,
  );
  const sockets = tokens.map((it) => idleSocket('/v1/join', it, 'application/json'));
  await eventually(
    'all but the places to be put off',
    async () => answered(sockets, 503),
    (count) => count === MANY - 8,
    5_000,
    50,
  );
  await world.outlet.send(someFrames(1));
});

test('who hangs up while the ledger is asked leaves no place behind', async () => {
  const other = await outletOf('node-2');
  const asked = world.ledger.database.transaction().execute(() => sleep(500));
  const gone = Array.from({ length: MANY }, client).map((it) => {
    const headers = { authorization: `Bearer ${world.credential}` };
    const reply = it.post('/v1/frames', headers, Buffer.alloc(0)).catch(() => null);
    setTimeout(() => it.close(), 250);
    return reply;
  });
  await Promise.all([asked, ...gone]);
  await other.send(someFrames(1, 'node-2'));
  await world.outlet.send(someFrames(1));
});
