import type { Person } from '#libs/model/person.ts';

/** The people who may log in, and their sessions. Holds hashes of passwords and of session tokens alone. */
export interface PeopleRegister {
  /** @throws ConflictError if the name is taken. */
  add(person: Person, passwordHash: string): Promise<void>;
  /** Adds the person if nobody is registered yet; false: somebody is. Two consoles that start at once add one. */
  addFirst(person: Person, passwordHash: string): Promise<boolean>;
  list(): Promise<readonly Person[]>;
  find(name: string): Promise<{ readonly person: Person; readonly passwordHash: string } | null>;
  /** Changes what is given. Disabling, another role and another password end the person's sessions. */
  change(name: string, changes: PersonChanges): Promise<void>;
  openSession(session: Session): Promise<void>;
  /** The person of a session that has not expired and may log in, else null. */
  session(tokenHash: string, nowMs: number): Promise<Person | null>;
  closeSession(tokenHash: string): Promise<void>;
  /** Forgets expired sessions. */
  sweepSessions(nowMs: number): Promise<void>;
}

export interface PersonChanges {
  readonly role?: Person['role'];
  readonly tenant?: string | null;
  readonly disabled?: boolean;
  readonly passwordHash?: string;
}

export interface Session {
  /** SHA-256 of the token in the cookie, hex. */
  readonly tokenHash: string;
  readonly name: string;
  readonly createdMs: number;
  readonly expiresMs: number;
}
