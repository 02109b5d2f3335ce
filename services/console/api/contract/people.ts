/** Who is there. */
import { z } from 'zod';
import { PERSON_NAME, ROLES } from '#libs/model/person.ts';
import { name, timeMs } from './values.ts';

export const credentials = z.strictObject({ name, password: z.string().min(1).max(1_000) });
export const person = z.object({
  name,
  role: z.enum(ROLES),
  tenant: name.nullable(),
  disabled: z.boolean(),
  createdMs: timeMs,
});
/** `simulated`: at least one node that this person sees is simulated. */
export const session = z.object({ person, version: z.string(), simulated: z.boolean() });
export const passwordChange = z.strictObject({
  current: z.string().max(1_000),
  next: z.string().min(12).max(1_000),
});
/** `tenant` is given exactly when the role is `tenant`. */
export const newPerson = z.strictObject({
  name: z.string().regex(PERSON_NAME, 'expected 1 to 64 letters, digits, ".", "-", "_" or "@"'),
  role: z.enum(ROLES),
  tenant: name.nullable(),
});
export const personChange = z.strictObject({
  role: z.enum(ROLES).optional(),
  tenant: name.nullable().optional(),
  disabled: z.boolean().optional(),
});
/** Names of those whom an alert may be assigned to. */
export const assignable = z.array(name);
/** A password that the product made; shown once. */
export const madePassword = z.object({ name, password: z.string() });

export type Credentials = z.infer<typeof credentials>;
export type PersonView = z.infer<typeof person>;
export type SessionView = z.infer<typeof session>;
