/**
 * What a person may do in the console. `tenant`: sees the data of one tenant only; `viewer`: sees all; `operator`:
 * also acts on alerts and silences; `admin`: also on people and nodes.
 */
export const ROLES = ['tenant', 'viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** A log-in name: 1 to 64 letters, digits, `.`, `-`, `_` or `@`. */
export const PERSON_NAME = /^[A-Za-z0-9._@-]{1,64}$/;

export interface Person {
  /** Fits {@link PERSON_NAME}. */
  readonly name: string;
  readonly role: Role;
  /** Given exactly when the role is `tenant`. */
  readonly tenant: string | null;
  readonly disabled: boolean;
  readonly createdMs: number;
}
