import { readFile } from 'node:fs/promises';
import { type FastifyInstance, fastify } from 'fastify';
import type { Bus } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { gatherStatus } from './status.ts';
import { AssessmentTail } from './tail.ts';

export interface ConsoleSettings {
  readonly consoleHost: string;
  /** 0: any free port. */
  readonly consolePort: number;
}

export interface ConsoleApp extends App {
  /** Where it listens, once started. */
  url(): string;
}

/** The status page and its API: findings, alerts, notices and the loss ledger. It changes nothing. */
export function createConsole(
  ports: { readonly bus: Bus; readonly ledger: Ledger },
  settings: ConsoleSettings,
  { counters, log }: Surroundings,
): ConsoleApp {
  const tail = new AssessmentTail(ports.bus);
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.addHook('onSend', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.get('/api/status', () => gatherStatus(ports.ledger, tail.newest, Date.now()));
  server.get('/healthz', async (_request, reply) => {
    await ports.ledger.check();
    return reply.type('text/plain').send('ok\n');
  });
  server.get('/metrics', (_request, reply) => reply.type('text/plain').send(counters.render()));
  serveFile(server, '/', 'page.html', 'text/html; charset=utf-8');
  serveFile(server, '/page.css', 'page.css', 'text/css');
  serveFile(server, '/page.js', 'page.js', 'text/javascript');
  return {
    async start() {
      await tail.start();
      await server.listen({ host: settings.consoleHost, port: settings.consolePort });
      log.info({ url: server.listeningOrigin }, 'console listens');
    },
    async stop() {
      await server.close();
      await tail.stop();
    },
    url: () => server.listeningOrigin,
  };
}

const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

function serveFile(server: FastifyInstance, path: string, file: string, type: string): void {
  const content = readFile(new URL(`./page/${file}`, import.meta.url), 'utf8');
  server.get(path, async (_request, reply) => reply.type(type).send(await content));
}
