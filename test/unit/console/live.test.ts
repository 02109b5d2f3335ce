import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Verdict } from '#libs/ledger/assessment-port.ts';
import type { Person } from '#libs/model/person.ts';
import { Live } from '#services/console/live.ts';
import { eventually } from '#test/support/eventually.ts';

const viewer: Person = { name: 'v', role: 'viewer', tenant: null, disabled: false, createdMs: 1 };
const verdict = (node: string): Verdict => ({
  ...{ node, windowEndMs: 60_000, behaviour: 'B0', conformity: 'conforms', grade: 'C', heartbeat: 'present' },
});

let live: Live;
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  live = new Live({ hears: () => true });
  server = createServer((_request, response) => {
    live.add({ person: viewer, response, mayGoOn: async () => true });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});

afterEach(async () => {
  live.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

/** Connects and reads nothing. */
async function connect(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((done) => get({ port, host: '127.0.0.1' }, done));
  response.on('error', () => undefined);
  response.pause();
  return response;
}

test('drops a listener that does not read, and goes on telling the others', async () => {
  await connect();
  const reader = await connect();
  let heard = '';
  reader.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  reader.resume();
  expect(live.listeners).toBe(2);
  const nodes = Array.from({ length: 2_000 }, (_, i) => `node-${i}`);
  await eventually(
    'the drop',
    async () => {
      for (const node of nodes) live.verdict(verdict(node));
      live.flush();
      return live.listeners;
    },
    (listeners) => listeners === 1,
    8_000,
    5,
  );
  live.verdict(verdict('the last'));
  live.flush();
  await eventually('the last', async () => heard.includes('the last'), Boolean, 5_000, 10);
});

test('forgets a listener who leaves', async () => {
  const gone = await connect();
  gone.destroy();
  await eventually(
    'the leaving',
    async () => live.listeners,
    (listeners) => listeners === 0,
    2_000,
    10,
  );
});

test('of several changes of a node within a second tells the last', async () => {
  const reader = await connect();
  let heard = '';
  reader.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  reader.resume();
  live.verdict(verdict('n'));
  live.verdict({ ...verdict('n'), grade: 'X' });
  live.flush();
  live.flush();
  await eventually(
    'the change',
    async () => heard,
    (text) => text.includes('verdicts'),
    2_000,
    10,
  );
  expect(heard.match(/"node":"n"/g)).toHaveLength(1);
  expect(heard).toContain('"grade":"X"');
});
