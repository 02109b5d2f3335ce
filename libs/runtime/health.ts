import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import type { Counters } from './counters.ts';
import { listening } from './listening.ts';
import { processMetrics } from './process-metrics.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Health {
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `/healthz` (200 once the service runs, 503 with the reason otherwise) and `/metrics` (Prometheus text).
 * @param problem the present reason for being unhealthy, or null.
 * @throws AddressTakenError, ConfigError: see {@link listening}.
 */
export async function serveHealth(
  port: number,
  counters: Counters,
  problem: () => string | null = () => null,
): Promise<Health> {
  // An `import` would also load what the module shows lazily, an HTTP client of 8 MB: too much for an agent.
  const server = process.getBuiltinModule('node:http').createServer((request, response) => {
    if (request.url === '/metrics') {
      sendMetrics(response, counters);
    } else if (request.url === '/healthz') {
      const reason = problem();
      response
        .writeHead(reason === null ? 200 : 503, { 'content-type': 'text/plain' })
        .end(`${reason ?? 'ok'}\n`);
    } else {
      response.writeHead(404).end();
    }
  });
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, resolve);
    });
  await listening({ host: '::', port, hostKey: null, portKey: 'healthPort' }, listen);
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What a service counts, and what its process costs, in Prometheus' text format. */
export async function metricsText(counters: Counters): Promise<string> {
  return `${counters.render()}${await processMetrics()}`;
}

function sendMetrics(response: ServerResponse, counters: Counters): void {
  metricsText(counters).then(
    (text) => response.setHeader('content-type', METRICS_TYPE).end(text),
    () => response.writeHead(500).end(),
  );
}
