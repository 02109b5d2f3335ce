import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import type { Frame } from '#libs/model/frame.ts';
import { temporaryFolder } from './tree.ts';

const MAIN = join(import.meta.dirname, '../../../services/agent/main.ts');

/** The agent as a process of its own; `outlet` says where its frames go. */
function start(dataDir: string, outlet: Readonly<Record<string, string>>) {
  const env = {
    ...process.env,
    DAVYLAMP_DATA_DIR: dataDir,
    DAVYLAMP_STATE_DIR: join(dataDir, 'agent'),
    DAVYLAMP_INTERVAL_MS: '200',
    DAVYLAMP_SAMPLE_MS: '50',
    DAVYLAMP_LOG_LEVEL: 'info',
    ...outlet,
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, ended: once(child, 'exit'), sampling: once(child.stdout, 'data') };
}

async function framesOnBus(dataDir: string): Promise<readonly Frame[]> {
  const bus = createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 12 });
  const frames: Frame[] = [];
  await bus.replay('frames', {}, async ({ records }) => {
    frames.push(...records.map(({ value }) => decodeFrame(value).frame));
  });
  await bus.close();
  return frames;
}

test('frames that waited when the agent was killed are sent first by the next one, in order', async () => {
  const dataDir = temporaryFolder();
  // Nobody listens there: every frame waits.
  const nowhere = {
    DAVYLAMP_OUTLET: 'gateway',
    DAVYLAMP_GATEWAY_URL: 'https://127.0.0.1:9',
    DAVYLAMP_GATEWAY_CREDENTIAL: 'x',
  };
  const killed = start(dataDir, nowhere);
  await killed.sampling;
  await sleep(1_500);
  killed.child.kill('SIGKILL');
  await killed.ended;

  const next = start(dataDir, { DAVYLAMP_OUTLET: 'bus' });
  await next.sampling;
  await sleep(1_000);
  next.child.kill('SIGTERM');
  await next.ended;

  const frames = await framesOnBus(dataDir);
  const boots = [...new Set(frames.map(({ boot }) => boot))];
  expect(boots).toHaveLength(2);
  const ofBoot = (boot: string | undefined) =>
    frames.filter((frame) => frame.boot === boot).map(({ sequence }) => sequence);
  for (const boot of boots) expect(ofBoot(boot)).toEqual(ofBoot(boot).map((_, i) => i + 1));
  expect(ofBoot(boots[0]).length).toBeGreaterThanOrEqual(3);
  expect(ofBoot(boots[1]).length).toBeGreaterThanOrEqual(2);
  const first = frames.filter(({ boot }) => boot === boots[0]);
  expect(frames.slice(0, first.length)).toEqual(first);
}, 30_000);
