import process from 'node:process';
import { Command } from 'commander';
import type { PeopleRegister } from '#libs/ledger/people-port.ts';
import { PERSON_NAME, type Person, ROLES, type Role } from '#libs/model/person.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { hashPassword, makePassword } from '#services/console/password.ts';
import { show, table, when } from '../output.ts';
import { withPorts } from '../ports.ts';

/** The people of the console, for whoever has this machine: also when nobody can log in. */
export function peopleCommand(): Command {
  return new Command('people')
    .description('list, add, change and rescue the people who may log in to the console')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(addCommand())
    .addCommand(passwordCommand())
    .addCommand(disableCommand('disable', 'end the sessions of a person, and let them in no more', true))
    .addCommand(disableCommand('enable', 'let a person in again', false));
}

const withPeople = <T>(act: (people: PeopleRegister) => Promise<T>): Promise<T> =>
  withPorts(async (ports) => act((await ports.ledger()).people));

function listCommand(): Command {
  return new Command('list')
    .description('who may log in')
    .option('--json', 'print a JSON array')
    .action(async (options: { json?: boolean }) => {
      const people = await withPeople((register) => register.list());
      show(options.json, people, (rows) =>
        table(
          ['name', 'role', 'tenant', 'state', 'since'],
          rows.map(({ name, role, tenant, disabled, createdMs }) => [
            ...[name, role, tenant ?? '–', disabled ? 'disabled' : 'may log in', when(createdMs)],
          ]),
        ),
      );
    });
}

function addCommand(): Command {
  return new Command('add')
    .description('register a person, and print their password once')
    .argument('<name>', 'log-in name')
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`)
    .option('--tenant <tenant>', 'whose data they see, for the role tenant')
    .action(async (name: string, options: { role: string; tenant?: string }) => {
      const role = options.role as Role;
      const tenant = options.tenant ?? null;
      const person = checked({ name, role, tenant, disabled: false, createdMs: Date.now() });
      const password = makePassword();
      const hash = await hashPassword(password);
      await withPeople((people) => people.add(person, hash));
      process.stdout.write(`${name} may log in with the password ${password} (shown once)\n`);
    });
}

function passwordCommand(): Command {
  return new Command('password')
    .description('make a new password for a person, print it once, and end their sessions')
    .argument('<name>', 'log-in name')
    .action(async (name: string) => {
      const password = makePassword();
      const passwordHash = await hashPassword(password);
      await withPeople((people) => people.change(name, { passwordHash }));
      process.stdout.write(`${name} may log in with the password ${password} (shown once)\n`);
    });
}

function disableCommand(word: string, description: string, disabled: boolean): Command {
  return new Command(word)
    .description(description)
    .argument('<name>', 'log-in name')
    .action(async (name: string) => {
      await withPeople((people) => people.change(name, { disabled }));
      process.stdout.write(`${name}: ${word}d\n`);
    });
}

/** @throws ConfigError naming what does not fit. */
function checked(person: Person): Person {
  const { name, role, tenant } = person;
  if (!PERSON_NAME.test(name)) {
    throw new ConfigError(`${name}: expected 1 to 64 letters, digits, ".", "-", "_" or "@"`);
  }
  if (!ROLES.includes(role)) throw new ConfigError(`--role ${role}: expected one of ${ROLES.join(', ')}`);
  if ((role === 'tenant') !== (tenant !== null)) {
    throw new ConfigError('--tenant: expected with the role tenant, and with no other');
  }
  return person;
}
