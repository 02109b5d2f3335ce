import { expect, test } from 'vitest';
import { createCounters } from '#libs/runtime/counters.ts';
import { serveHealth } from '#libs/runtime/health.ts';

test('tells Prometheus its counters, and why it is unhealthy', async () => {
  const counters = createCounters();
  counters.add('frames_received', { stage: 'writer' }, 3);
  counters.set('lag_records', { topic: 'a"b' }, 7);
  let problem: string | null = null;
  await using health = await serveHealth(0, counters, () => problem);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return [response.status, await response.text()] as const;
  };
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  problem = 'no broker';
  expect(await get('/healthz')).toEqual([503, 'no broker\n']);
  const [, metrics] = await get('/metrics');
  expect(metrics).toContain('# TYPE davylamp_frames_received_total counter\n');
  expect(metrics).toContain('davylamp_frames_received_total{stage="writer"} 3\n');
  expect(metrics).toContain('davylamp_lag_records{topic="a\\"b"} 7\n');
});
