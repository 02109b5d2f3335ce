import { expect, test } from 'vitest';
import * as errors from '#libs/runtime/errors.ts';

const classes = Object.values(errors).filter((value) => value !== errors.DavylampError) as unknown as {
  new (message: string, options?: ErrorOptions): errors.DavylampError;
  code: string;
}[];

test.each(classes)('$name carries the code of its class, its message and its cause', (Class) => {
  const cause = new Error('below');
  const error = new Class('what happened', { cause });
  expect(error.code).toBe(Class.code);
  expect(error).toMatchObject({ name: Class.name, message: 'what happened', cause });
});

test('no two classes share a code', () => {
  expect(new Set(classes.map((c) => c.code)).size).toBe(classes.length);
});
