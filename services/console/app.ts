import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify } from 'fastify';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { listening } from '#libs/runtime/listening.ts';
import { alertRoutes } from './api/alerts.ts';
import { decidesRoutes } from './api/decides.ts';
import { fleetRoutes } from './api/fleet.ts';
import { guard } from './api/guard.ts';
import { liveRoutes } from './api/live.ts';
import { nodeRoutes } from './api/nodes.ts';
import { describeApi, openApiRoute } from './api/openapi.ts';
import { peopleRoutes } from './api/people.ts';
import { sendProblem, statusOf } from './api/problem.ts';
import { qualityRoutes } from './api/quality.ts';
import { seriesRoutes } from './api/series.ts';
import { zodServer } from './api/server.ts';
import { sessionRoutes } from './api/session.ts';
import { channelRoutes, silenceRoutes } from './api/silences.ts';
import type { ConsoleSettings } from './config.ts';
import { type ConsolePorts, Desk } from './desk.ts';
import { DIST, pageRoutes } from './pages.ts';

export interface ConsoleApp extends App {
  /** Where it listens, once started. */
  url(): string;
}

const ALERTS_MS = 2_000;
const REGISTER_MS = 5_000;

/**
 * The console: its JSON API under `/api`, described by `api/README.md`, and the built pages.
 * @param dist folder of the built pages.
 */
export function createConsole(
  ports: ConsolePorts,
  settings: ConsoleSettings,
  surroundings: Surroundings,
  dist: string = DIST,
): ConsoleApp {
  const desk = new Desk(ports, { registerMs: REGISTER_MS, alertsMs: ALERTS_MS }, surroundings);
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    trustProxy: settings.consoleTrustedProxies ?? false,
    routerOptions: { maxParamLength: 256 },
  });
  const ready = serve(server, desk, settings, surroundings, dist);
  // Told by `start`, which waits for it.
  ready.catch(() => undefined);
  return {
    async start() {
      await ready;
      await desk.start();
      const { consoleHost: host, consolePort: port } = settings;
      const place = { host, port, hostKey: 'consoleHost', portKey: 'consolePort' };
      await listening(place, () => server.listen({ host, port }));
      surroundings.log.info({ url: server.listeningOrigin }, 'console listens');
    },
    async stop() {
      await server.close();
      await desk.stop();
    },
    url: () => server.listeningOrigin,
  };
}

async function serve(
  server: FastifyInstance,
  desk: Desk,
  settings: ConsoleSettings,
  { log, counters }: Surroundings,
  dist: string,
): Promise<void> {
  server.addHook('onSend', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  server.setErrorHandler((error: Error, request, reply) => {
    const status = statusOf(error);
    counters.add('console_problems', { status: String(status) });
    if (status >= 500) log.warn({ err: error, url: request.routeOptions.url, status }, 'a request failed');
    return sendProblem(reply, error);
  });
  await server.register(cookie);
  guard(server, { people: desk.ledger.people, consoleUrl: settings.consoleUrl, now: desk.now });
  const api = zodServer(server);
  await describeApi(api);
  await sessionRoutes(api, desk, {
    sessionHours: settings.consoleSessionHours,
    attemptsPerMinute: settings.consoleLoginsPerMinute,
    isSecure: settings.consoleUrl?.startsWith('https:') ?? false,
  });
  for (const routes of [
    fleetRoutes,
    liveRoutes,
    alertRoutes,
    nodeRoutes,
    seriesRoutes,
    qualityRoutes,
    decidesRoutes,
    silenceRoutes,
    channelRoutes,
    peopleRoutes,
    openApiRoute,
  ]) {
    routes(api, desk);
  }
  server.get('/healthz', async (_request, reply) => {
    await desk.ledger.check();
    return reply.type('text/plain').send('ok\n');
  });
  await pageRoutes(server, dist);
}

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
