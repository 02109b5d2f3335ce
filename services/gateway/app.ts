import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Bus } from '#libs/bus/port.ts';
import type { NodeRegister } from '#libs/ledger/port.ts';
import { MAX_BATCH_BYTES } from '#libs/model/batch.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { listening } from '#libs/runtime/listening.ts';
import { openCertificate } from './certificate.ts';
import { bearerToken, CredentialCheck } from './credential.ts';
import { admitBatch } from './ingest.ts';
import { gatewayFolder, JoinTokens } from './join-token.ts';
import { Joining } from './joining.ts';
import { Places } from './places.ts';
import { Refusal, sendError, statusOf } from './replies.ts';

export interface GatewaySettings {
  readonly dataDir: string;
  readonly gatewayHost: string;
  /** 0: any free one. */
  readonly gatewayPort: number;
  /** Names and addresses that a self-signed certificate is made for; default: the host name and the loopback's. */
  readonly gatewayNames?: readonly string[] | undefined;
  /** Batches in hand at once; more are told to come back. */
  readonly gatewayConcurrency: number;
}

export interface GatewayPorts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly ledger: { readonly nodes: Pick<NodeRegister, 'find' | 'join'> };
}

export interface Gateway extends App {
  /** Of the present run. */
  readonly port: number;
  /** SHA-256 of the certificate, hex with colons: what agents pin. */
  readonly fingerprint: string;
}

/** An agent gives up after as long: what takes longer to arrive, handshake or headers or body, comes from nobody. */
const REQUEST_MS = 15_000;
/** Node looks for what is late as often, every 30 s by itself. */
const LATE_CHECK_MS = 1_000;
/** Nothing either way while a request is in hand: more than an agent waits for the bus. After a reply, 72 s hold. */
const SILENT_MS = 30_000;
/** An agent has one batch under way; the other place is for one whose connection broke without a word. */
const PLACES_PER_NODE = 2;
/** Joins have places of their own, one a token: who waits to join keeps no frame waiting, nor the other way round. */
const JOIN_PLACES = 8;
const JOIN_BYTES = 4_096;

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
        https: {
          key: certificate.key,
          cert: certificate.cert,
          minVersion: 'TLSv1.2',
          handshakeTimeout: REQUEST_MS,
          // Fastify has no option for it. Above `requestTimeout`, Node would take each for the other.
          headersTimeout: REQUEST_MS,
          connectionsCheckingInterval: LATE_CHECK_MS,
        },
        requestTimeout: REQUEST_MS,
        connectionTimeout: SILENT_MS,
        bodyLimit: MAX_BATCH_BYTES,
      }) as unknown as FastifyInstance;
      addRoutes(server, ports, settings, surroundings);
      const { gatewayHost: host, gatewayPort: port } = settings;
      const place = { host, port, hostKey: 'gatewayHost', portKey: 'gatewayPort' };
      await listening(place, async () => server?.listen({ host, port }));
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
  server.removeAllContentTypeParsers();
  for (const type of ['application/octet-stream', 'application/json'])
    server.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  server.setErrorHandler((error: Error, _, reply) => {
    countRefusal(around, error);
    return sendError(reply, error);
  });
  // Fastify reads the body of what nobody serves, too.
  server.addHook('onRequest', async ({ is404, method, url }) => {
    if (is404) throw new Refusal(404, `${method} ${url}: expected POST /v1/frames or /v1/join`);
  });
  addFrames(server, ports, check, new Places(settings.gatewayConcurrency, PLACES_PER_NODE), around);
  addJoin(server, new Joining(new JoinTokens(settings.dataDir), ports.ledger.nodes, check, Date.now));
}

/** A batch is read only from a known node that has a place: strangers cost nothing but a look-up. */
function addFrames(
  server: FastifyInstance,
  { bus }: GatewayPorts,
  check: CredentialCheck,
  places: Places,
  { counters }: Surroundings,
): void {
  const senders = new WeakMap<FastifyRequest, string>();
  server.post('/v1/frames', {
    onRequest: async (request, reply) => {
      const credential = bearerToken(request.headers.authorization);
      const node = credential === null ? null : await check.nodeOf(credential);
      if (node === null) throw new Refusal(401, 'the credential is not valid: expected Bearer <credential>');
      holdPlace(places, node, reply);
      senders.set(request, node);
    },
    handler: async (request, reply) => {
      const messages = admitBatch(request.body as Buffer, senders.get(request) ?? '');
      await bus.publish(messages);
      counters.add('gateway_frames', {}, messages.length);
      return reply.code(204).send();
    },
  });
}

function addJoin(server: FastifyInstance, joining: Joining): void {
  const places = new Places(JOIN_PLACES, 1);
  const grantOf = ({ headers }: FastifyRequest) => joining.grantOf(bearerToken(headers.authorization));
  server.post('/v1/join', {
    bodyLimit: JOIN_BYTES,
    onRequest: async (request, reply) => holdPlace(places, grantOf(request).id, reply),
    handler: (request) => joining.join(grantOf(request), parseJson(request.body as Buffer)),
  });
}

/** Memory is bounded by this many bodies; agents keep what is refused and come back. @throws Refusal */
function holdPlace(places: Places, holder: string, reply: FastifyReply): void {
  // Who hung up while the ledger was asked would never give the place back.
  if (reply.raw.closed) throw new Refusal(503, `${holder} has hung up: expected it to come back`);
  reply.raw.once('close', places.take(holder));
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
