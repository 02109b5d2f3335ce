import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { buildNvmlStub } from '#test/support/nvml-stub.ts';
import { framesOnBus } from '#test/support/points.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { embeddedWorld, type World } from '#test/support/world.ts';

vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const GPUS = 8;
/** Megabytes resident, of the budget. */
const BUDGET_MB = 60;

test('the bundle runs with plain Node far from the sources, joins, and stays small', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-bundle-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'agent');
  await run(process.execPath, [join(root, 'deploy/bundle.ts'), bundle]);
  const [gatewayPort] = await freePorts(1);
  const world = stack.use(
    await embeddedWorld({ DAVYLAMP_CONSOLE_PORT: '0', DAVYLAMP_GATEWAY_PORT: String(gatewayPort) }),
  );
  const pipeline = stack.use(new ServiceProcess('cli', world.env, ['up', '--no-agent']).start());
  await eventually(
    'the gateway',
    async () => pipeline.output,
    (it) => it.includes('gateway: https'),
    40_000,
  );

  const url = `https://127.0.0.1:${gatewayPort}`;
  const agent = spawn(process.execPath, [join(bundle, 'agent.mjs')], {
    cwd: folder,
    env: {
      ...(await joining(world, url)),
      DAVYLAMP_STATE_DIR: join(folder, 'state'),
      DAVYLAMP_NVML_LIBRARY: buildNvmlStub(folder),
      NVML_STUB: `gpus=${GPUS}`,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  stack.defer(() => void agent.kill('SIGKILL'));
  const frames = () => framesOnBus(world.bus);
  await eventually('four frames', frames, (all) => all.length > 3, 90_000, 1_000);
  const last = (await frames()).at(-1);
  expect(last?.entities.filter(({ kind }) => kind === 'gpu')).toHaveLength(GPUS);

  const { rss, anon } = await memoryOf(agent);
  process.stdout.write(`the bundled agent with ${GPUS} stubbed GPUs: RSS ${rss} MB, RssAnon ${anon} MB\n`);
  expect(rss).toBeLessThan(BUDGET_MB);

  const before = (await frames()).length;
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect((await frames()).length, 'its last frame was sent').toBeGreaterThan(before);
  await pipeline.stop();
});

/** What a node is told to join: the words that `davylamp enrol` prints, as settings. */
async function joining(world: World, url: string): Promise<Record<string, string>> {
  const cli = join(root, 'services/cli/main.ts');
  const { stdout } = await run(process.execPath, [cli, 'enrol', 'bundled', '--url', url, '--json'], {
    env: { ...process.env, ...world.env },
  });
  const { token, fingerprint } = JSON.parse(stdout) as { token: string; fingerprint: string };
  return {
    DAVYLAMP_NODE: 'bundled',
    DAVYLAMP_OUTLET: 'gateway',
    DAVYLAMP_GATEWAY_URL: url,
    DAVYLAMP_GATEWAY_JOIN_TOKEN: token,
    DAVYLAMP_GATEWAY_FINGERPRINT: fingerprint,
    DAVYLAMP_LOG_LEVEL: 'warn',
  };
}

async function memoryOf({ pid }: ChildProcess): Promise<{ readonly rss: number; readonly anon: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 0.01024) / 10;
  return { rss: megabytes('VmRSS'), anon: megabytes('RssAnon') };
}
