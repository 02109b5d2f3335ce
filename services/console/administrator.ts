import type { PeopleRegister } from '#libs/ledger/people-port.ts';
import { hashPassword, makePassword } from './password.ts';

/** Who may log in first. */
export const FIRST_NAME = 'admin';

/**
 * Registers the administrator when nobody is registered yet.
 * @returns the password, to be shown once; null: somebody is registered.
 */
export async function addAdministrator(people: PeopleRegister, nowMs: number): Promise<string | null> {
  // Most starts are not the first: the hash is not made for nothing.
  if ((await people.list()).length > 0) return null;
  const password = makePassword();
  const person = {
    name: FIRST_NAME,
    role: 'admin',
    tenant: null,
    disabled: false,
    createdMs: nowMs,
  } as const;
  return (await people.addFirst(person, await hashPassword(password))) ? password : null;
}

/** For stderr, never for a log. @param place the data directory, for who has lost it; null: there is nothing to rescue. */
export function administratorNotice(password: string, place: string | null): string {
  const rescue =
    place === null
      ? ''
      : `; change it, or: DAVYLAMP_DATA_DIR=${place} davylamp people password ${FIRST_NAME}`;
  return `first log-in: ${FIRST_NAME} with the password ${password} (shown once${rescue})`;
}
