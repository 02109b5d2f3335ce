import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { retry } from '#libs/runtime/retry.ts';
import type { InfluxOptions } from '#libs/series/influx.ts';
import type { Point, Series } from '#libs/series/port.ts';
import { startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { point, T0 } from './world.ts';

const POINTS: readonly Point[] = Array.from({ length: 12_000 }, (_, i) => point('outage', T0 + i, [i, i, i]));
const UNAVAILABLE = { code: 'DAVYLAMP_STORE_UNAVAILABLE', retryable: true };

/** What a store behind a network does when the network or the server is away. */
export function outageContract(url: string, open: (options: Partial<InfluxOptions>) => Series): void {
  const { hostname, port } = new URL(url);
  const proxied = () => startFlakyProxy({ host: hostname, port: Number(port) });

  test('an absent server is unavailable', async () => {
    const series = open({ url: 'http://127.0.0.1:1' });
    await expect(series.write(POINTS.slice(0, 1))).rejects.toMatchObject(UNAVAILABLE);
    await expect(series.check()).rejects.toMatchObject(UNAVAILABLE);
    await series.close();
  });

  test('a server that stalls is unavailable after the time-out, and its connection is given up', async () => {
    await using proxy = await proxied();
    const series = open({ url: `http://127.0.0.1:${proxy.port}`, timeoutMs: 300 });
    proxy.mode = 'stall';
    const begunMs = Date.now();
    await expect(series.write(POINTS)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('300 ms'),
    });
    expect(Date.now() - begunMs).toBeLessThan(2000);
    await sleep(50);
    expect(proxy.connections).toBe(0);
    await series.close();
  });

  test('a server that goes away mid-way and returns gets everything by writing again', async () => {
    await using proxy = await proxied();
    const series = open({ url: `http://127.0.0.1:${proxy.port}`, timeoutMs: 500 });
    await series.prepare();
    let failures = 0;
    const onFailure = () => {
      failures++;
      proxy.mode = failures < 3 ? 'reset' : 'pass';
    };
    const writing = retry(() => series.write(POINTS), { firstMs: 20, maxMs: 100, onFailure });
    proxy.mode = 'stall';
    expect(await writing).toEqual({ stored: POINTS.length, refused: [] });
    expect(failures).toBeGreaterThanOrEqual(3);
    await series.close();
  });

  test('one connection serves many writes, and close leaves none open', async () => {
    await using proxy = await proxied();
    const series = open({ url: `http://127.0.0.1:${proxy.port}` });
    await series.prepare();
    for (let i = 0; i < 5; i++) await series.write(POINTS.slice(i, i + 1));
    expect(proxy.taken).toBe(1);
    await series.close();
    await sleep(50);
    expect(proxy.connections).toBe(0);
  });

  test('close ends a request that is under way', async () => {
    await using proxy = await proxied();
    const series = open({ url: `http://127.0.0.1:${proxy.port}` });
    proxy.mode = 'stall';
    const writing = series.write(POINTS.slice(0, 1));
    const outcome = expect(writing).rejects.toMatchObject(UNAVAILABLE);
    await sleep(50);
    await series.close();
    await outcome;
  });

  test('a server that asks to be left alone is left alone for as long as it says', async () => {
    const seen: number[] = [];
    const server = createServer((request, response) => {
      seen.push(Date.now());
      request.resume();
      if (seen.length === 1) response.writeHead(429, { 'retry-after': '1' }).end('{"error":"busy"}');
      else response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const series = open({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await expect(series.write(POINTS.slice(0, 1))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('429'),
    });
    expect(await series.write(POINTS.slice(0, 1))).toEqual({ stored: 1, refused: [] });
    expect((seen[1] as number) - (seen[0] as number)).toBeGreaterThanOrEqual(990);
    await series.close();
    server.closeAllConnections();
    server.close();
  });
}
