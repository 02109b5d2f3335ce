import { expect, test } from 'vitest';
import { AddressTakenError, ConfigError } from '#libs/runtime/errors.ts';
import { listening } from '#libs/runtime/listening.ts';

const place = { host: '127.0.0.1', port: 80, hostKey: 'consoleHost', portKey: 'consolePort' };
const failing = (code: string, at = place) =>
  listening(at, async () => {
    throw Object.assign(new Error('it failed'), { code });
  }).catch((error: unknown) => error);

test.each([
  [
    'EADDRINUSE',
    AddressTakenError,
    'consolePort: 127.0.0.1:80 is taken; stop what uses it, or set DAVYLAMP_CONSOLE_PORT',
  ],
  [
    'EACCES',
    ConfigError,
    'consolePort: expected a port that this user may have, 1024 or more, got 127.0.0.1:80 (env DAVYLAMP_CONSOLE_PORT)',
  ],
  [
    'EADDRNOTAVAIL',
    ConfigError,
    'consoleHost: expected an address of this machine, got 127.0.0.1 (env DAVYLAMP_CONSOLE_HOST)',
  ],
])('%s is said in the words of the settings', async (code, kind, message) => {
  const error = await failing(code);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ message });
});

test('another error stays as it is, and an address of IPv6 is written in brackets', async () => {
  expect(await failing('EMFILE')).toMatchObject({ message: 'it failed' });
  expect(await failing('EADDRINUSE', { ...place, host: '::' })).toMatchObject({
    message: expect.stringContaining('consolePort: [::]:80 is taken'),
  });
});
