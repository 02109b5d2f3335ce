import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import type { Person } from '#libs/model/person.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';

const aPerson = (name: string, given: Partial<Person> = {}): Person => ({
  name,
  role: 'viewer',
  tenant: null,
  disabled: false,
  createdMs: 1_000,
  ...given,
});

const aSession = (name: string, tokenHash = `token-of-${name}`) => ({
  tokenHash,
  name,
  createdMs: 1_000,
  expiresMs: 2_000,
});

/** Who may log in, and for how long. */
export function peopleContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  test('registers a person once, and finds them with their hash', async () => {
    const [ledger, other] = ledgers();
    const ada = aPerson('ada', { role: 'tenant', tenant: 'us' });
    await ledger.people.add(ada, 'hash-1');
    expect(await other.people.find('ada')).toEqual({ person: ada, passwordHash: 'hash-1' });
    expect(await other.people.find('bob')).toBeNull();
    await expect(other.people.add(aPerson('ada'), 'hash-2')).rejects.toBeInstanceOf(ConflictError);
    await other.people.add(aPerson('Bob'), 'hash-3');
    expect((await ledger.people.list()).map(({ name }) => name).sort()).toEqual(['Bob', 'ada']);
  });

  test('registers one first person, however many come at once', async () => {
    const [ledger, other] = ledgers();
    const tries = ['a', 'b', 'c', 'd'].map((name, i) =>
      (i % 2 === 0 ? ledger : other).people.addFirst(aPerson(name, { role: 'admin' }), 'hash'),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await ledger.people.list()).toHaveLength(1);
  });

  test('registers no first person where somebody is registered already', async () => {
    const [ledger, other] = ledgers();
    await ledger.people.add(aPerson('ada'), 'hash');
    expect(await other.people.addFirst(aPerson('admin', { role: 'admin' }), 'hash')).toBe(false);
    expect(await ledger.people.find('admin')).toBeNull();
  });

  test('a session is its person’s until it expires or is closed', async () => {
    const [ledger, other] = ledgers();
    await ledger.people.add(aPerson('ada'), 'hash');
    await ledger.people.openSession(aSession('ada'));
    expect(await other.people.session('token-of-ada', 1_999)).toEqual(aPerson('ada'));
    expect(await other.people.session('token-of-ada', 2_000)).toBeNull();
    expect(await other.people.session('another token', 1_999)).toBeNull();
    await other.people.closeSession('token-of-ada');
    expect(await ledger.people.session('token-of-ada', 1_999)).toBeNull();
  });

  test('sweeps sessions that have expired, and no others', async () => {
    const [ledger] = ledgers();
    await ledger.people.add(aPerson('ada'), 'hash');
    await ledger.people.openSession(aSession('ada', 'old'));
    await ledger.people.openSession({ ...aSession('ada', 'new'), expiresMs: 5_000 });
    await ledger.people.sweepSessions(2_000);
    const rows = await ledger.database.selectFrom('session').select('tokenHash').execute();
    expect(rows).toEqual([{ tokenHash: 'new' }]);
  });

  test.each([
    ['disabling', { disabled: true }],
    ['another role', { role: 'operator' }],
    ['another tenant', { role: 'tenant', tenant: 'us' }],
    ['another password', { passwordHash: 'hash-2' }],
  ] as const)('%s ends the sessions of a person, and of nobody else', async (_, changes) => {
    const [ledger, other] = ledgers();
    for (const name of ['ada', 'bob']) {
      await ledger.people.add(aPerson(name), 'hash');
      await ledger.people.openSession(aSession(name));
    }
    await other.people.change('ada', changes);
    const { passwordHash = 'hash', ...ofPerson } = { ...changes } as { passwordHash?: string };
    expect(await ledger.people.find('ada')).toEqual({ person: aPerson('ada', ofPerson), passwordHash });
    expect(await ledger.people.session('token-of-ada', 1_500)).toBeNull();
    expect(await ledger.people.session('token-of-bob', 1_500)).toEqual(aPerson('bob'));
  });

  test('a change that changes nothing leaves the sessions alone', async () => {
    const [ledger] = ledgers();
    await ledger.people.add(aPerson('ada'), 'hash');
    await ledger.people.openSession(aSession('ada'));
    await ledger.people.change('ada', {});
    await ledger.people.change('ada', { role: 'viewer', tenant: null, disabled: false });
    expect(await ledger.people.session('token-of-ada', 1_500)).toEqual(aPerson('ada'));
    await expect(ledger.people.change('nobody', { disabled: true })).rejects.toBeInstanceOf(NotFoundError);
  });

  test('somebody disabled has no session, also with one opened since', async () => {
    const [ledger] = ledgers();
    await ledger.people.add(aPerson('ada', { disabled: true }), 'hash');
    await ledger.people.openSession(aSession('ada'));
    expect(await ledger.people.session('token-of-ada', 1_500)).toBeNull();
  });
}
