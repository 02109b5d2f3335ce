import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { createGateway, type Gateway } from '#services/gateway/app.ts';
import { createJoinToken } from '#services/gateway/join-token.ts';
import { davylamp } from '#test/support/davylamp.ts';
import { embeddedWorld, type World } from '#test/support/world.ts';

// Each call is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let world: World;
let gateway: Gateway;
let scratch: string;
let dataDir: string;

beforeEach(async () => {
  world = await embeddedWorld();
  scratch = await mkdtemp(join(tmpdir(), 'davylamp-join-'));
  dataDir = world.env.DAVYLAMP_DATA_DIR ?? '';
  const settings = { dataDir, gatewayHost: '127.0.0.1', gatewayPort: 0, gatewayConcurrency: 4 };
  const surroundings = { counters: createCounters(), log: createLogger('test', 'silent') };
  gateway = createGateway(world, settings, surroundings);
  await gateway.start();
});

afterEach(async () => {
  await gateway.stop();
  await world[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

const joining = (token: string, fingerprint: string) =>
  davylamp(scratch, [
    ...['join', `https://127.0.0.1:${gateway.port}`, token, '--fingerprint', fingerprint],
    ...['--node', 'node-2', '--state', join(scratch, 'agent')],
  ]);

const enrol = (args: readonly string[], env: Record<string, string> = {}) =>
  davylamp(scratch, ['enrol', 'node-2', ...args], { ...world.env, ...env });

test('join with a token that the gateway refuses ends with one sentence', async () => {
  const expiresMs = Date.now() - 1;
  const late = createJoinToken(dataDir, { node: 'node-2', site: 'hall', tenant: null, expiresMs });
  const { status, err } = await joining(late, gateway.fingerprint);
  expect({ status, err }).toEqual({
    status: 78,
    err: 'the gateway answered 401 to the request of node-2 to join: the token is not valid, or spent: expected a new one; davylamp enrol, on the machine of the gateway, prints the command to join with\n',
  });
});

test('join where another certificate answers than expected ends with one sentence', async () => {
  const expiresMs = Date.now() + 60_000;
  const token = createJoinToken(dataDir, { node: 'node-2', site: 'hall', tenant: null, expiresMs });
  const { status, err } = await joining(token, 'AB'.repeat(32));
  expect(status).toBe(78);
  expect(err).toMatch(
    /^the gateway's certificate is [0-9a-f]{64}: expected (ab){32}; davylamp enrol[^\n]*\n$/,
  );
});

test('enrol prints the address that the gateway is configured with', async () => {
  const named = { DAVYLAMP_GATEWAY_PORT: '18443', DAVYLAMP_GATEWAY_NAMES: 'first.example, localhost' };
  expect((await enrol([], named)).out).toContain(' join https://first.example:18443 ');
  expect((await enrol([])).out).toContain(` join https://${hostname()}:8443 `);
});

test.each([
  [['--url', 'first:8443'], {}, '--url first:8443: expected https://host:port'],
  [['--url', 'http://first:8443'], {}, '--url http://first:8443: expected https://host:port'],
  [[], { DAVYLAMP_GATEWAY_PORT: '0' }, '--url: expected the address of the gateway'],
])('enrol %j with %j is refused', async (args, env, message) => {
  const { status, err } = await enrol(args, env);
  expect({ status, err }).toEqual({ status: 78, err: expect.stringContaining(message) });
});

test('enrol in a folder without a gateway makes nothing', async () => {
  const { status, err } = await davylamp(scratch, ['enrol', 'node-2']);
  expect({ status, err }).toEqual({
    status: 78,
    err: expect.stringContaining("expected the gateway's certificate"),
  });
  expect(await readdir(scratch)).toEqual([]);
});
