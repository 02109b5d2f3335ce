import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { digestOf, isSealed } from '#libs/evidence/seal.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import type { Frame } from '#libs/model/frame.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { type AgentSettings, createAgent } from '#services/agent/app.ts';
import type { OutgoingFrame } from '#services/agent/outlet.ts';
import { temporaryFolder } from './tree.ts';

function settings(stateDir: string): AgentSettings {
  const times = { intervalMs: 200, sampleMs: 50, longLivedSeconds: 600 };
  const roots = { procRoot: '/proc', sysRoot: '/sys' };
  const gpus = { nvmlLibrary: 'no-such-library', nvidiaSmi: '/no/such/program' };
  return { ...times, ...roots, ...gpus, node: 'node-1', site: 'site-1', stateDir, spoolMaxBytes: 1_048_576 };
}

/** Runs an agent on this machine for a while and returns what it sent. */
async function run(stateDir: string, ms: number): Promise<readonly OutgoingFrame[]> {
  const sent: OutgoingFrame[] = [];
  const outlet = { send: async (frames: readonly OutgoingFrame[]) => void sent.push(...frames) };
  const surroundings = { counters: createCounters(), log: createLogger('agent', 'silent') };
  const agent = createAgent({ outlet }, settings(stateDir), surroundings);
  await agent.start();
  await sleep(ms);
  await agent.stop();
  return sent;
}

const decoded = (sent: readonly OutgoingFrame[]) => sent.map(({ payload }) => decodeFrame(payload).frame);

test('sends frames of one boot, aligned, numbered without gaps, chained, the last one sealed', async () => {
  const sent = await run(temporaryFolder(), 1_000);
  const frames = decoded(sent);
  expect(frames.length).toBeGreaterThanOrEqual(3);
  expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => i + 1));
  expect(frames.slice(0, -1).filter(({ endMs }) => endMs % 200 !== 0)).toEqual([]);
  expect(new Set(frames.map(({ boot }) => boot)).size).toBe(1);
  frames.slice(1).forEach((frame, i) => {
    expect(Buffer.from(frame.previous)).toEqual(digestOf((sent[i] as OutgoingFrame).payload));
  });
  const { payload, headers } = sent.at(-1) as OutgoingFrame;
  expect(isSealed(digestOf(payload), { signature: headers.seal ?? '', key: headers.key ?? '' })).toBe(true);
});

test('says of this machine what can be true of it', async () => {
  const frame = decoded(await run(temporaryFolder(), 700))[1] as Frame;
  const value = (name: string) => frame.entities[0]?.gauges[gaugeOrdinal('host', name)] ?? Number.NaN;
  expect(frame).toMatchObject({ node: 'node-1', site: 'site-1', intervalMs: 200 });
  expect(frame.samples).toBeGreaterThanOrEqual(1);
  expect(frame.samples).toBeLessThanOrEqual(4);
  for (const name of ['cpu_utilization_ratio', 'memory_used_ratio']) {
    expect(value(name), name).toBeGreaterThanOrEqual(0);
    expect(value(name), name).toBeLessThanOrEqual(1);
  }
  expect(value('cpu_utilization_ratio_min')).toBeLessThanOrEqual(value('cpu_utilization_ratio'));
  expect(value('cpu_utilization_ratio')).toBeLessThanOrEqual(value('cpu_utilization_ratio_max'));
  expect(value('memory_used_bytes')).toBeGreaterThan(1e6);
  expect(value('load_average_1m')).toBeGreaterThanOrEqual(0);
  expect(value('tcp_connections')).toBeGreaterThanOrEqual(0);
});

test('a new start begins a new boot with the same key', async () => {
  const folder = temporaryFolder();
  const [first, second] = [await run(folder, 100), await run(folder, 100)];
  expect(second[0]?.headers.boot).not.toBe(first[0]?.headers.boot);
  expect(second[0]?.headers.seq).toBe('1');
  expect(second.at(-1)?.headers.key).toBe(first.at(-1)?.headers.key);
});
