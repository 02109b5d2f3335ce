import type { Selectable } from 'kysely';
import type { Person, Role } from '#libs/model/person.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';
import type { PeopleRegister, PersonChanges } from './people-port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

export function peopleRegister(db: LedgerDatabase): PeopleRegister {
  return {
    async add(person, passwordHash) {
      if (!(await insert(db, person, passwordHash))) {
        throw new ConflictError(`${person.name} is registered already: expected another name`);
      }
    },
    addFirst: (person, passwordHash) => transact(db, (it) => addFirst(it, person, passwordHash)),
    async list() {
      const rows = await db.selectFrom('person').selectAll().orderBy('name').execute();
      return rows.map(toPerson);
    },
    async find(name) {
      const row = await db.selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst();
      return row ? { person: toPerson(row), passwordHash: row.passwordHash } : null;
    },
    change: (name, changes) => transact(db, (it) => change(it, name, changes)),
    async openSession(session) {
      await db.insertInto('session').values(session).execute();
    },
    session: (tokenHash, nowMs) => personOf(db, tokenHash, nowMs),
    async closeSession(tokenHash) {
      await db.deleteFrom('session').where('tokenHash', '=', tokenHash).execute();
    },
    async sweepSessions(nowMs) {
      await db.deleteFrom('session').where('expiresMs', '<=', nowMs).execute();
    },
  };
}

/** False: the name is taken. */
async function insert(db: LedgerDatabase, person: Person, passwordHash: string): Promise<boolean> {
  const { name, role, tenant, disabled, createdMs } = person;
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('person')
    .values({ name, role, tenant, disabled: disabled ? 1 : 0, passwordHash, createdMs })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** Writing to the one row of `founding` first makes those who would be first wait for each other. */
async function addFirst(db: LedgerDatabase, person: Person, passwordHash: string): Promise<boolean> {
  await db
    .insertInto('founding')
    .values({ id: 1 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: 1 }))
    .execute();
  const somebody = await db.selectFrom('person').select('name').limit(1).executeTakeFirst();
  if (somebody) return false;
  return await insert(db, person, passwordHash);
}

async function change(db: LedgerDatabase, name: string, changes: PersonChanges): Promise<void> {
  const { disabled, ...others } = changes;
  const values = { ...others, ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }) };
  const former = await db.selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst();
  if (!former) throw new NotFoundError(`${name}: expected a person who is registered`);
  if (Object.keys(values).length === 0) return;
  await db.updateTable('person').set(values).where('name', '=', name).execute();
  const isOut =
    changes.disabled === true ||
    changes.passwordHash !== undefined ||
    (changes.role !== undefined && changes.role !== former.role) ||
    (changes.tenant !== undefined && changes.tenant !== former.tenant);
  if (isOut) await db.deleteFrom('session').where('name', '=', name).execute();
}

async function personOf(db: LedgerDatabase, tokenHash: string, nowMs: number): Promise<Person | null> {
  const row = await db
    .selectFrom('session')
    .innerJoin('person', 'person.name', 'session.name')
    .selectAll('person')
    .where('session.tokenHash', '=', tokenHash)
    .where('session.expiresMs', '>', nowMs)
    .where('person.disabled', '=', 0)
    .executeTakeFirst();
  return row ? toPerson(row) : null;
}

function toPerson(row: Selectable<LedgerTables['person']>): Person {
  const { name, role, tenant, disabled, createdMs } = row;
  return { name, role: role as Role, tenant, disabled: disabled === 1, createdMs };
}
