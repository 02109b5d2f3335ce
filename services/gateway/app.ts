import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { Bus } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { MAX_BATCH_BYTES } from '#libs/model/batch.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { openCertificate } from './certificate.ts';
import { bearerToken, CredentialCheck } from './credential.ts';
import { admitBatch } from './ingest.ts';
import { gatewayFolder, JoinTokens } from './join-token.ts';
import { Joining } from './joining.ts';
import { Refusal, sendError, statusOf } from './replies.ts';

export interface GatewaySettings {
  readonly dataDir: string;
  readonly gatewayHost: string;
  /** 0: any free one. */
  readonly gatewayPort: number;
  /** Names and addresses that a self-signed certificate is made for; default: the host name and the loopback's. */
  readonly gatewayNames?: readonly string[] | undefined;
  /** Requests in hand at once; more are told to come back. */
  readonly gatewayConcurrency: number;
}

export interface GatewayPorts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly ledger: Pick<Ledger, 'nodes'>;
}

export interface Gateway extends App {
  /** Of the present run. */
  readonly port: number;
  /** SHA-256 of the certificate, hex with colons: what agents pin. */
  readonly fingerprint: string;
}

/** HTTPS from agents to the bus, one credential for each node. README.md describes the protocol. */
export function createGateway(
  ports: GatewayPorts,
  settings: GatewaySettings,
  surroundings: Surroundings,
): Gateway {
  let server: FastifyInstance | undefined;
  let fingerprint = '';
  return {
    get port() {
      return (server?.server.address() as AddressInfo | null | undefined)?.port ?? 0;
    },
    get fingerprint() {
      return fingerprint;
    },
    async start() {
      const names = settings.gatewayNames ?? [hostname(), 'localhost', '127.0.0.1'];
      const certificate = await openCertificate(gatewayFolder(settings.dataDir), names);
      fingerprint = certificate.fingerprint;
      server = fastify({
        https: { key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' },
        bodyLimit: MAX_BATCH_BYTES,
      }) as unknown as FastifyInstance;
      addRoutes(server, ports, settings, surroundings);
      await server.listen({ host: settings.gatewayHost, port: settings.gatewayPort });
      surroundings.log.info({ port: this.port, fingerprint }, 'taking frames');
    },
    async stop() {
      await server?.close();
    },
  };
}

function addRoutes(
  server: FastifyInstance,
  ports: GatewayPorts,
  settings: GatewaySettings,
  around: Surroundings,
): void {
  const check = new CredentialCheck(ports.ledger.nodes, Date.now);
  const joining = new Joining(new JoinTokens(settings.dataDir), ports.ledger, check, Date.now);
  const senders = new WeakMap<FastifyRequest, string>();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  server.setErrorHandler((error: Error, _, reply) => {
    countRefusal(around, error);
    return sendError(reply, error);
  });
  limitConcurrency(server, settings.gatewayConcurrency);

  server.post('/v1/frames', {
    // Before the body is read: strangers cost nothing but a look-up.
    onRequest: async (request) => {
      const credential = bearerToken(request.headers.authorization);
      const node = credential === null ? null : await check.nodeOf(credential);
      if (node === null) throw new Refusal(401, 'the credential is not valid: expected Bearer <credential>');
      senders.set(request, node);
    },
    handler: async (request, reply) => {
      const messages = admitBatch(request.body as Buffer, senders.get(request) ?? '');
      await ports.bus.publish(messages);
      around.counters.add('gateway_frames', {}, messages.length);
      return reply.code(204).send();
    },
  });
  server.post('/v1/join', { bodyLimit: 4_096 }, (request) =>
    joining.join(bearerToken(request.headers.authorization), parseJson(request.body as Buffer)),
  );
}

/** Memory is bounded by this many bodies; agents keep what is refused and come back. */
function limitConcurrency(server: FastifyInstance, most: number): void {
  const inHand = new WeakSet<object>();
  let count = 0;
  server.addHook('onRequest', async (request, reply) => {
    if (count >= most) throw new Refusal(503, `${count} requests in hand: expected you to come back`);
    count += 1;
    inHand.add(request);
    // Also when the other side hangs up.
    reply.raw.once('close', () => {
      if (inHand.delete(request)) count -= 1;
    });
  });
}

function countRefusal({ counters, log }: Surroundings, error: Error): void {
  const status = statusOf(error);
  counters.add('gateway_refusals', { status: String(status) });
  if (status === 500) log.error({ err: error }, 'a request was not served');
  // A bus that is away would fill the log, once for each node and five seconds: the counter tells.
  else if (status === 503) log.debug({ err: error }, 'a request was put off');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new Refusal(400, `expected JSON: ${String(cause)}`);
  }
}
