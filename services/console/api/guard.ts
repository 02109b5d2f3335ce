import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PeopleRegister } from '#libs/ledger/people-port.ts';
import { type Person, ROLES } from '#libs/model/person.ts';
import { Refusal } from './problem.ts';

const COOKIE = 'davylamp_session';
const TOKEN_BYTES = 32;

export interface Guarded {
  readonly people: Pick<PeopleRegister, 'session'>;
  /** The console's address as people see it; undefined: the one that they ask. */
  readonly consoleUrl: string | undefined;
  readonly now: () => number;
}

interface Visitor {
  readonly person: Person;
  readonly tokenHash: string;
}

const visitors = new WeakMap<FastifyRequest, Visitor>();

/**
 * Lets a request through to a route under `/api` when the route's caller may be who asks, and when a request that
 * changes something comes from the console's own pages: as JSON, which no form of another site can send, and from
 * the same origin by the browser's own word.
 */
export function guard(server: FastifyInstance, guarded: Guarded): void {
  server.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/api/') && !config?.caller)
      throw new Error(`${url}: expected a route that names its caller`);
  });
  server.addHook('onRequest', async (request) => {
    const { caller } = request.routeOptions.config;
    if (caller === undefined) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeign(request, guarded.consoleUrl);
    if (caller === 'anybody') return;
    const visitor = await visitorOf(request, guarded);
    if (!visitor) throw new Refusal(401, 'no session, or one that has ended: expected a log-in');
    if (ROLES.indexOf(visitor.person.role) < ROLES.indexOf(caller)) {
      throw new Refusal(
        403,
        `expected the role ${caller} or above, ${visitor.person.name} has ${visitor.person.role}`,
      );
    }
    visitors.set(request, visitor);
  });
}

/** Who asks. On routes whose caller is a role. */
export function visitor(request: FastifyRequest): Visitor {
  const known = visitors.get(request);
  if (!known) throw new Error(`${request.url}: expected a route whose caller is a role`);
  return known;
}

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What the ledger holds of a token. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** `Secure` where people come by https; the pages of other sites never send it along. */
export function setCookie(
  reply: FastifyReply,
  token: string,
  maxAgeSeconds: number,
  isSecure: boolean,
): void {
  reply.setCookie(COOKIE, token, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: isSecure,
    maxAge: maxAgeSeconds,
  });
}

export function clearCookie(reply: FastifyReply, isSecure: boolean): void {
  setCookie(reply, '', 0, isSecure);
}

async function visitorOf(request: FastifyRequest, { people, now }: Guarded): Promise<Visitor | null> {
  const token = request.cookies[COOKIE];
  if (!token) return null;
  const tokenHash = hashOf(token);
  const person = await people.session(tokenHash, now());
  return person && { person, tokenHash };
}

function refuseForeign(request: FastifyRequest, consoleUrl: string | undefined): void {
  const site = request.headers['sec-fetch-site'];
  const isOwn = site === undefined ? isOwnOrigin(request, consoleUrl) : site === 'same-origin';
  if (!isOwn)
    throw new Refusal(
      403,
      'expected a request of the console itself: Origin or Sec-Fetch-Site say otherwise',
    );
  const hasBody = request.method !== 'DELETE';
  const type = request.headers['content-type'] ?? '';
  if (hasBody && !/^application\/json\b/i.test(type)) {
    throw new Refusal(400, `content-type: expected application/json, got ${type || 'none'}`);
  }
}

/** Browsers that do not say `Sec-Fetch-Site` (plain http) say `Origin`. */
function isOwnOrigin({ headers: { origin }, host }: FastifyRequest, consoleUrl: string | undefined): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host || (consoleUrl !== undefined && new URL(consoleUrl).origin === origin);
}
