import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { type Namespace, type OtherProcess, openNamespace } from '#test/support/namespace.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { embeddedWorld, type World } from '#test/support/world.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 30_000 });

/** What needs nothing but one machine is in embedded.test.ts: this one has two, with a line between them. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'services/cli/main.ts');
let world: World;
let machine: Namespace | string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const [gatewayPort] = await freePorts(1);
  world = stack.use(
    await embeddedWorld({
      DAVYLAMP_CONSOLE_PORT: '0',
      DAVYLAMP_GATEWAY_PORT: String(gatewayPort),
      DAVYLAMP_REGISTER_MS: '1000',
    }),
  );
  machine = await openNamespace();
  if (typeof machine !== 'string') stack.use(machine);
});

afterEach(() => stack.disposeAsync());

test('a second machine joins by the printed command, is decommissioned, and comes back', async ({ skip }) => {
  if (typeof machine === 'string') return skip(machine);
  const { here } = machine;
  const pipeline = stack.use(new ServiceProcess('cli', world.env, ['up', '--no-agent']).start());
  await eventually(
    'the gateway',
    async () => pipeline.output,
    (it) => it.includes('gateway: https'),
    40_000,
  );
  const url = `https://${here}:${world.env.DAVYLAMP_GATEWAY_PORT}`;

  let agent = joined(machine, await enrolled(url));
  await eventually('frames of the second machine', stored, (frames) => frames > 3, 60_000);
  expect(await world.ledger.nodes.find('second')).toMatchObject({ enrolled: true, site: 'annex' });

  await davylamp('decommission', 'second', '--by', 'A. Name', '--reason', 'sold');
  await eventually(
    'the refusal',
    async () => agent.output,
    (it) => it.includes('was decommissioned'),
    40_000,
  );
  expect(agent.output).toMatch(
    /answered 401 .*second was decommissioned at .*expected it to be enrolled again/,
  );
  const before = await stored();
  expect(before, 'the loss ledger keeps what was').toBeGreaterThan(3);
  expect(await world.ledger.nodes.history('second')).toMatchObject([
    { act: 'decommission', by: 'A. Name', reason: 'sold' },
  ]);
  await agent.stop();

  agent = joined(machine, await enrolled(url));
  await eventually('frames after it has come back', stored, (frames) => frames > before + 5, 60_000);
  expect(await world.ledger.nodes.find('second')).toMatchObject({ enrolled: true, decommissionedMs: null });
  await agent.stop();
  await pipeline.stop();
});

/** The command that `davylamp enrol` prints, as it stands there. */
async function enrolled(url: string): Promise<string> {
  const printed = await davylamp('enrol', 'second', '--site', 'annex', '--url', url);
  const command = printed.split('\n').find((line) => line.trim().startsWith('npx davylamp join'));
  if (command === undefined) throw new Error(`expected a command in ${printed}`);
  return command.trim();
}

function joined(there: Namespace, command: string): OtherProcess {
  const settings = {
    DAVYLAMP_STATE_DIR: join(world.env.DAVYLAMP_DATA_DIR ?? '', 'second'),
    DAVYLAMP_INTERVAL_MS: '500',
    DAVYLAMP_SAMPLE_MS: '100',
  };
  return stack.use(there.spawn(`cd ${root} && exec ${command}`, 'second', settings));
}

async function stored(): Promise<number> {
  const rows = await world.ledger.custody.balance();
  return rows.filter(({ node }) => node === 'second').reduce((sum, row) => sum + row.stored, 0);
}

async function davylamp(...words: string[]): Promise<string> {
  const env = { ...process.env, ...world.env };
  return (await promisify(execFile)(process.execPath, [cli, ...words], { env })).stdout;
}
