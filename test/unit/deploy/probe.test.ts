import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answersOk, exchange, isTaken, requireProgram } from '#deploy/servers/probe.ts';

let server: Server;
let port: number;

beforeEach(async () => {
  server = createServer((socket) => socket.on('data', (data) => socket.end(`got ${data.toString()}`)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test('gives the first answer of a port', async () => {
  expect((await exchange(port, 'PING'))?.toString()).toBe('got PING');
  expect(await isTaken(port)).toBe(true);
});

test('takes a closed port for free and silent, not for an error', async () => {
  await new Promise((resolve) => server.close(resolve));

  expect(await isTaken(port)).toBe(false);
  expect(await exchange(port, 'PING')).toBeUndefined();
  expect(await answersOk(`http://127.0.0.1:${port}/`)).toBe(false);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

test('finds programs in the folders given first, then on PATH', async () => {
  expect(await requireProgram('sh', ['/bin'])).toBe('/bin/sh');
  expect(await requireProgram('sh')).toMatch(/\/sh$/);
  await expect(requireProgram('no-such-program')).rejects.toThrow(
    'no program no-such-program on this machine',
  );
});
