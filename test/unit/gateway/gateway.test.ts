import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeBatch } from '#libs/model/batch.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { GatewayClient } from '#services/agent/gateway-client.ts';
import { createGateway, type Gateway } from '#services/gateway/app.ts';
import { openCertificate } from '#services/gateway/certificate.ts';
import { credentialHash } from '#services/gateway/credential.ts';

const HEADERS = { authorization: 'Bearer n.secret', 'content-type': 'application/octet-stream' };
const RECORD = {
  node: 'n',
  site: 's',
  tenant: null,
  hardware: null,
  publicKey: null,
  enrolled: true,
  credentialHash: credentialHash('n.secret'),
  firstSeenMs: 0,
  decommissionedMs: null,
};

let stack: AsyncDisposableStack;
let dataDir: string;
beforeEach(() => {
  stack = new AsyncDisposableStack();
  dataDir = mkdtempSync(join(tmpdir(), 'davylamp-gateway-'));
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
});
afterEach(() => stack.disposeAsync());

/** A gateway before a bus of our own making. */
async function start(publish: () => Promise<void>, gatewayConcurrency = 8): Promise<Gateway> {
  const nodes = { find: async () => RECORD, join: async () => 'spent' as const };
  const settings = {
    dataDir,
    gatewayHost: '127.0.0.1',
    gatewayPort: 0,
    gatewayNames: ['127.0.0.1'],
    gatewayConcurrency,
  };
  const around = { counters: createCounters(), log: createLogger('gateway', 'silent') };
  const gateway = createGateway({ bus: { publish }, ledger: { nodes } }, settings, around);
  await gateway.start();
  stack.defer(() => gateway.stop());
  return gateway;
}

function client({ port, fingerprint }: Gateway): GatewayClient {
  return stack.adopt(new GatewayClient({ url: `https://127.0.0.1:${port}`, fingerprint }), (it) =>
    it.close(),
  );
}

const batch = encodeBatch([
  { headers: { type: 'frame', node: 'n', boot: 'b0'.repeat(16), seq: '1' }, payload: Uint8Array.of(1) },
]);

test('answers only after the bus has the frames', async () => {
  let durable: () => void = () => undefined;
  const gateway = await start(
    () =>
      new Promise((resolve) => {
        durable = resolve;
      }),
  );
  let answered = false;
  const reply = client(gateway)
    .post('/v1/frames', HEADERS, batch)
    .then((it) => {
      answered = true;
      return it;
    });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(answered).toBe(false);
  durable();
  expect((await reply).status).toBe(204);
});

test('requests beyond what it can hold are told to come back, and places become free again', async () => {
  let free: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const gateway = await start(() => held, 2);
  const first = [client(gateway), client(gateway)].map((it) => it.post('/v1/frames', HEADERS, batch));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await client(gateway).post('/v1/frames', HEADERS, batch)).status).toBe(503);
  free();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([204, 204]);
  expect((await client(gateway).post('/v1/frames', HEADERS, batch)).status).toBe(204);
});

test('a failure of its own says nothing of its cause', async () => {
  const gateway = await start(async () => {
    throw new TypeError('secret detail');
  });
  const reply = await client(gateway).post('/v1/frames', HEADERS, batch);
  expect(reply).toEqual({ status: 500, body: '{"error":"internal error"}' });
});

test('other paths and other kinds of content are refused', async () => {
  const gateway = await start(async () => undefined);
  expect((await client(gateway).post('/v1/other', HEADERS, batch)).status).toBe(404);
  const typed = { ...HEADERS, 'content-type': 'text/plain' };
  expect((await client(gateway).post('/v1/frames', typed, batch)).status).toBe(415);
});

test('keeps its certificate, with a key that only its user can read', async () => {
  const first = await openCertificate(dataDir, ['127.0.0.1', 'gateway.example.org']);
  const second = await openCertificate(dataDir, ['other.example.org']);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(first.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(statSync(join(dataDir, 'key.pem')).mode & 0o777).toBe(0o600);
});
