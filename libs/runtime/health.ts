import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Counters } from './counters.ts';

export interface Health {
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `/healthz` (200 once the service runs, 503 with the reason otherwise) and `/metrics` (Prometheus text).
 * @param problem the present reason for being unhealthy, or null.
 */
export async function serveHealth(
  port: number,
  counters: Counters,
  problem: () => string | null = () => null,
): Promise<Health> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(counters.render());
    } else if (request.url === '/healthz') {
      const reason = problem();
      response
        .writeHead(reason === null ? 200 : 503, { 'content-type': 'text/plain' })
        .end(`${reason ?? 'ok'}\n`);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
