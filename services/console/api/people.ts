import { z } from 'zod';
import type { PersonChanges } from '#libs/ledger/people-port.ts';
import type { Person } from '#libs/model/person.ts';
import type { Desk } from '../desk.ts';
import { hashPassword, makePassword } from '../password.ts';
import { assignable, madePassword, newPerson, person, personChange } from './contract/people.ts';
import { problem } from './contract/problem.ts';
import { visitor } from './guard.ts';
import { notFound, Refusal } from './problem.ts';
import type { ApiServer } from './server.ts';
import { byName } from './views.ts';

export function peopleRoutes(server: ApiServer, desk: Desk): void {
  const { people } = desk.ledger;

  server.route({
    method: 'GET',
    url: '/api/people',
    schema: { summary: 'Who may log in.', response: { 200: z.array(person) } },
    config: { caller: 'admin' },
    handler: async () => [...(await people.list())],
  });

  server.route({
    method: 'GET',
    url: '/api/people/assignable',
    schema: { summary: 'Whom an alert may be assigned to, by name.', response: { 200: assignable } },
    config: { caller: 'operator' },
    handler: async () => (await people.list()).filter(isAssignable).map(({ name }) => name),
  });

  server.route({
    method: 'POST',
    url: '/api/people',
    schema: {
      summary: 'Register a person; the password is shown once.',
      body: newPerson,
      response: { 201: madePassword, 409: problem },
    },
    config: { caller: 'admin' },
    handler: async (request, reply) => {
      refuseMisfit(request.body);
      const password = makePassword();
      const added: Person = { ...request.body, disabled: false, createdMs: desk.now() };
      await people.add(added, await hashPassword(password));
      return reply.code(201).send({ name: added.name, password });
    },
  });

  server.route({
    method: 'PATCH',
    url: '/api/people/:name',
    schema: {
      summary: 'Change a role, a tenant, or whether somebody may log in; their sessions end.',
      params: byName,
      body: personChange,
      response: { 200: person, 404: problem, 409: problem },
    },
    config: { caller: 'admin' },
    handler: async (request) => {
      const { name } = request.params;
      const known = await people.find(name);
      if (!known) throw notFound(`person ${name}`);
      const changes = changesOf(request.body);
      refuseMisfit({ ...known.person, ...changes });
      refuseLockout(visitor(request).person, name, changes);
      await people.change(name, changes);
      return { ...known.person, ...changes };
    },
  });

  server.route({
    method: 'POST',
    url: '/api/people/:name/password',
    schema: {
      summary: 'Make a new password, shown once; the sessions of this person end.',
      params: byName,
      response: { 200: madePassword, 404: problem },
    },
    config: { caller: 'admin' },
    handler: async (request) => {
      const { name } = request.params;
      const password = makePassword();
      await people.change(name, { passwordHash: await hashPassword(password) });
      return { name, password };
    },
  });
}

/** Whoever sees every alert and may log in. */
export function isAssignable({ role, disabled }: Person): boolean {
  return role !== 'tenant' && !disabled;
}

function changesOf({
  role,
  tenant,
  disabled,
}: z.output<typeof personChange>): Omit<PersonChanges, 'passwordHash'> {
  return {
    ...(role !== undefined && { role }),
    ...(tenant !== undefined && { tenant }),
    ...(disabled !== undefined && { disabled }),
  };
}

/** A tenant's person sees one tenant; all others see all. */
function refuseMisfit({ role, tenant }: Pick<Person, 'role' | 'tenant'>): void {
  if ((role === 'tenant') !== (tenant !== null)) {
    throw new Refusal(
      400,
      `body.tenant: expected ${role === 'tenant' ? 'the name of one' : `null for the role ${role}`}`,
    );
  }
}

/** Whoever asks stays an administrator: there is always one. */
function refuseLockout(asking: Person, name: string, { role, disabled }: PersonChanges): void {
  const isOut = disabled === true || (role !== undefined && role !== 'admin');
  if (name === asking.name && isOut) {
    throw new Refusal(
      409,
      'expected another administrator to do that: nobody takes the role from themselves',
    );
  }
}
