import { type Person, ROLES } from '#libs/model/person.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Desk } from '../desk.ts';
import { hashPassword, isPassword, makePassword } from '../password.ts';
import { Attempts } from './attempts.ts';
import { credentials, passwordChange, session } from './contract/people.ts';
import { problem } from './contract/problem.ts';
import { clearCookie, hashOf, newToken, setCookie, visitor } from './guard.ts';
import { Refusal } from './problem.ts';
import { type ApiServer, nothing } from './server.ts';

export interface SessionSettings {
  readonly sessionHours: number;
  /** Wrong passwords a minute, of a name from an address. */
  readonly attemptsPerMinute: number;
  /** The session's cookie goes over https alone. */
  readonly isSecure: boolean;
}

const HOUR_MS = 3_600_000;
const WRONG = 'name and password: expected those of a person who may log in';

export async function sessionRoutes(server: ApiServer, desk: Desk, settings: SessionSettings): Promise<void> {
  const { people } = desk.ledger;
  // Compared with when nobody has the name: an unknown name answers as late as a wrong password.
  const nobody = await hashPassword(makePassword());
  const attempts = new Attempts(settings.attemptsPerMinute, desk.now);

  server.route({
    method: 'POST',
    url: '/api/session',
    schema: {
      summary: 'Log in; the answer sets the cookie of the session.',
      body: credentials,
      response: { 204: nothing, 401: problem, 429: problem },
    },
    config: { caller: 'anybody' },
    handler: async ({ body: { name, password }, ip }, reply) => {
      const known = await people.find(name);
      const takeBack = attempts.begin(name, ip);
      const isRight = await isPassword(password, known?.passwordHash ?? nobody);
      if (!known || !isRight || known.person.disabled) throw new Refusal(401, WRONG);
      takeBack();
      const token = newToken();
      const createdMs = desk.now();
      const expiresMs = createdMs + settings.sessionHours * HOUR_MS;
      await people.sweepSessions(createdMs);
      await people.openSession({ tokenHash: hashOf(token), name, createdMs, expiresMs });
      setCookie(reply, token, settings.sessionHours * 3_600, settings.isSecure);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/api/session',
    schema: { summary: 'Who is logged in.', response: { 200: session } },
    config: { caller: 'tenant' },
    handler: (request) => {
      const { person } = visitor(request);
      return { person, version: packageJson.version, simulated: seesSimulated(desk, person) };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/api/session',
    schema: { summary: 'Log out.', response: { 204: nothing } },
    config: { caller: 'tenant' },
    handler: async (request, reply) => {
      await people.closeSession(visitor(request).tokenHash);
      clearCookie(reply, settings.isSecure);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/api/session/password',
    schema: {
      summary: 'Change the own password; every session of this person ends.',
      body: passwordChange,
      response: { 204: nothing, 403: problem, 429: problem },
    },
    config: { caller: ROLES[0] },
    handler: async (request, reply) => {
      const { name } = visitor(request).person;
      const known = await people.find(name);
      const takeBack = attempts.begin(name, request.ip);
      const isRight = known !== null && (await isPassword(request.body.current, known.passwordHash));
      if (!isRight) throw new Refusal(403, 'current: expected the present password');
      takeBack();
      await people.change(name, { passwordHash: await hashPassword(request.body.next) });
      clearCookie(reply, settings.isSecure);
      return reply.code(204).send(null);
    },
  });
}

function seesSimulated({ fleet }: Desk, person: Person): boolean {
  for (const record of fleet.nodes.values()) {
    if (isSimulated(record.site) && fleet.visible(person, record).length > 0) return true;
  }
  return false;
}
