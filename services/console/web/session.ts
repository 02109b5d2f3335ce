import { ROLES, type Role } from '#libs/model/person.ts';
import type { Credentials, SessionView } from '../api/contract/people.ts';
import { ApiError, get, onLoggedOut, send } from './api.ts';
import { Store } from './store.ts';

/** `unknown` until the server has answered; null: nobody is logged in. */
export const session = new Store<SessionView | null | 'unknown' | ApiError>('unknown');

/** Why nobody is logged in any more, for the log-in page; null: there is nothing to say. */
export const farewell = new Store<string | null>(null);

function leave(words: string | null): void {
  farewell.set(words);
  session.set(null);
}

onLoggedOut(() => leave('Your session has ended. Log in again.'));

export async function loadSession(): Promise<void> {
  try {
    session.set(await get<SessionView>('/api/session'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    session.set(error.status === 401 ? null : error);
  }
}

/** @throws ApiError with words for the person */
export async function logIn(credentials: Credentials): Promise<void> {
  await send('POST', '/api/session', credentials);
  farewell.set(null);
  await loadSession();
}

export async function logOut(): Promise<void> {
  await send('DELETE', '/api/session');
  leave(null);
}

/** @throws ApiError with words for the person; else every session of theirs has ended */
export async function changePassword(current: string, next: string): Promise<void> {
  await send('POST', '/api/session/password', { current, next });
  leave('Your password has been changed. Log in with the new one.');
}

/** Who is logged in. Only pages behind the log-in ask. */
export function currentSession(): SessionView {
  const { value } = session;
  if (value === null || value === 'unknown' || value instanceof ApiError)
    throw new Error('asked for the session before anybody logged in');
  return value;
}

/** Whether the person's role includes this one. The server decides; the pages only leave out what it would refuse. */
export function may(role: Role): boolean {
  return ROLES.indexOf(currentSession().person.role) >= ROLES.indexOf(role);
}
