import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drained, WRITER } from '#test/support/drained.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { expectedPoints, framesOnBus, storedPoints } from '#test/support/points.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { embeddedWorld, type World } from '#test/support/world.ts';

vi.setConfig({ testTimeout: 120_000 });

const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
let world: World;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  const [gatewayPort] = await freePorts(1);
  world = await embeddedWorld({
    DAVYLAMP_NODE: 'first',
    DAVYLAMP_INTERVAL_MS: '500',
    DAVYLAMP_SAMPLE_MS: '100',
    DAVYLAMP_CONSOLE_PORT: '0',
    DAVYLAMP_GATEWAY_PORT: String(gatewayPort),
    DAVYLAMP_GATEWAY_HOST: '127.0.0.1',
  });
  stack = new AsyncDisposableStack();
});

afterEach(async () => {
  await stack.disposeAsync();
  await world[Symbol.asyncDispose]();
});

const up = (...args: string[]) => stack.use(new ServiceProcess('cli', world.env, ['up', ...args]).start());
const balance = () => world.ledger.custody.balance();

test('killed and started again, it goes on without loss', async () => {
  const first = up();
  await eventually('frames', balance, (rows) => rows.some((row) => row.stored > 8), 30_000);
  await first.kill();
  const second = up();
  await eventually(
    'frames of the second start',
    balance,
    (rows) => rows.length === 2 && rows.every((row) => row.stored > 8),
    30_000,
  );
  await second.stop();
  expect(first.output.match(/first log-in: admin with the password [\w-]{24}/g)).toHaveLength(1);
  expect(second.output).not.toContain('first log-in');
  const rest = up('--no-agent', '--no-gateway');
  await drained(world, WRITER);
  await rest.stop();
  const frames = await framesOnBus(world.bus);
  expect((await balance()).map(({ sent, stored }) => sent - stored)).toEqual([0, 0]);
  expect(frames).toHaveLength((await balance()).reduce((sum, row) => sum + row.sent, 0));
  expect(await storedPoints(world.series, frames)).toEqual(expectedPoints(frames));
});

test('a second process on the same data is refused with what to do', async () => {
  const first = up('--no-agent');
  await eventually(
    'the first',
    async () => first.output,
    (output) => output.includes('is up'),
    20_000,
  );
  const second = up('--no-agent');
  await eventually(
    'the refusal',
    async () => second.running,
    (running) => !running,
    20_000,
  );
  expect(second.output).toMatch(/expected a data directory of our own, process \d+ uses it/);
});

test('a second machine joins through the gateway with one command', async () => {
  const pipeline = up('--no-agent');
  await eventually(
    'the gateway',
    async () => pipeline.output,
    (output) => output.includes('gateway: https'),
    30_000,
  );
  const url = `https://127.0.0.1:${world.env.DAVYLAMP_GATEWAY_PORT}`;
  const words = ['enrol', 'second', '--site', 'annex', '--url', url, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...words], {
    env: { ...process.env, ...world.env },
  });
  const ticket = JSON.parse(stdout) as { token: string; fingerprint: string };
  const { DAVYLAMP_NODE: _, DAVYLAMP_STATE_DIR: __, ...env } = world.env;
  const join2 = ['join', url, ticket.token, '--fingerprint', ticket.fingerprint, '--node', 'second'];
  const second = stack.use(
    new ServiceProcess('cli', env, [
      ...join2,
      '--state',
      join(world.env.DAVYLAMP_DATA_DIR ?? '', 'second'),
    ]).start(),
  );
  await eventually(
    'frames of the second machine',
    balance,
    (rows) => rows.some((row) => row.node === 'second' && row.stored > 3),
    40_000,
  );
  expect(await world.ledger.nodes.find('second')).toMatchObject({ enrolled: true, site: 'annex' });
  expect(second.output).toContain(`joined ${url} as second\n`);
  await second.stop();
  await drained(world, WRITER);
  await pipeline.stop();
});
