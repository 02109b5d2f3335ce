import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openInfluxSeries } from '#libs/series/influx.ts';
import type { Point } from '#libs/series/port.ts';

type Answer = (lines: readonly string[]) => {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
};

/** A server that answers writes as servers do that cannot run here; it shows how answers are read, no more. */
async function answering(answer: Answer) {
  const requests: number[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const lines = body.split('\n').filter(Boolean);
      requests.push(lines.length);
      const answered = answer(lines);
      response.writeHead(answered.status, { 'content-type': 'application/json' });
      response.end(answered.body === undefined ? '' : JSON.stringify(answered.body));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const series = openInfluxSeries({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    api: 'v2',
    token: 'token',
    org: '',
    database: 'davylamp',
    retentionDays: 0,
    timeoutMs: 2_000,
  });
  return {
    series,
    requests,
    async [Symbol.asyncDispose]() {
      await series.close();
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const points = (count: number): readonly Point[] =>
  Array.from({ length: count }, (_, i) => ({
    measurement: 'frame',
    node: 'n',
    entity: 'host',
    timeMs: i,
    fields: ['value'],
    values: [i],
  }));

test('InfluxDB 3 names the lines it refuses: one request is enough', async () => {
  await using world = await answering(() => ({
    status: 400,
    body: {
      error: 'partial write of line protocol occurred',
      data: [
        { error_message: 'invalid column type', line_number: 2, original_line: 'frame …' },
        { error_message: 'invalid column type', line_number: 9, original_line: 'frame …' },
      ],
    },
  }));
  expect(await world.series.write(points(10))).toEqual({
    stored: 8,
    refused: [
      { index: 1, reason: 'invalid column type' },
      { index: 8, reason: 'invalid column type' },
    ],
  });
  expect(world.requests).toEqual([10]);
});

test('a request too large for the server is halved until it fits', async () => {
  await using world = await answering(({ length }) => ({ status: length > 30 ? 413 : 204 }));
  expect(await world.series.write(points(100))).toEqual({ stored: 100, refused: [] });
  expect(world.requests).toEqual([100, 50, 25, 25, 50, 25, 25]);
});

test('a refusal of the request as such takes no point for bad', async () => {
  const f = async (status: number, body: unknown, code: string, message: RegExp) => {
    await using world = await answering(() => ({ status, body }));
    await expect(world.series.write(points(3))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(world.requests).toEqual([3]);
  };
  await f(
    400,
    { code: 'invalid', message: 'precision is unknown' },
    'DAVYLAMP_STORE_REFUSED',
    /precision is unknown/,
  );
  await f(401, { code: 'unauthorized', message: 'no' }, 'DAVYLAMP_STORE_REFUSED', /DAVYLAMP_INFLUX_TOKEN/);
  await f(
    404,
    { code: 'not found', message: 'bucket not found' },
    'DAVYLAMP_STORE_REFUSED',
    /influxDatabase/,
  );
  await f(500, { code: 'internal', message: 'timeout' }, 'DAVYLAMP_STORE_UNAVAILABLE', /500: timeout/);
  await f(503, undefined, 'DAVYLAMP_STORE_UNAVAILABLE', /503/);
});
