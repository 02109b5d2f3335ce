import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { DeliveryError } from '#libs/runtime/errors.ts';
import { ask } from '#services/alerter/channels/http.ts';

let open = new AsyncDisposableStack();
afterEach(async () => {
  await open.disposeAsync();
  open = new AsyncDisposableStack();
});

/** @returns its host and port. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.defer(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a user and password of the address become basic authentication', async () => {
  const seen: unknown[] = [];
  const host = await serve((request, response) => {
    seen.push(request.headers.authorization, request.url);
    response.end();
  });
  await ask(`http://lamp:p%40ss%2Fword@${host}/x?y=1`, { method: 'GET' }, 5_000);
  await ask(`http://${host}/`, { method: 'GET' }, 5_000);
  const basic = `Basic ${Buffer.from('lamp:p@ss/word').toString('base64')}`;
  expect(seen).toEqual([basic, '/x?y=1', undefined, '/']);
});

test('an answer is given with its status, whatever it is', async () => {
  const host = await serve((_, response) => {
    response
      .writeHead(302, { location: 'http://127.0.0.1:9/', 'content-type': 'application/json' })
      .end('{}');
  });
  const answer = await ask(`http://${host}/`, { method: 'GET' }, 5_000);
  expect(answer).toEqual({ status: 302, ok: false, isJson: true, text: '{}' });
});

test('an answer that stops half-way is a failure to deliver', async () => {
  const stalls = await serve((_, response) => void response.writeHead(200).write('half'));
  const breaks = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '9' }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const stalled = ask(`http://${stalls}/`, { method: 'GET' }, 100);
  await expect(stalled).rejects.toThrow(new DeliveryError(`${stalls}: expected an answer within 100 ms`));
  const broken = ask(`http://${breaks}/`, { method: 'GET' }, 5_000);
  await expect(broken).rejects.toBeInstanceOf(DeliveryError);
});
