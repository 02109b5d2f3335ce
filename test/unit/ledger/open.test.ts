import { expect, test } from 'vitest';
import { z } from 'zod';
import { ledgerProblems, ledgerSettings, openLedger } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { ConfigError } from '#libs/runtime/errors.ts';

const load = (env: Record<string, string>) => loadConfig(z.object(ledgerSettings), { env }, ledgerProblems);

test('the ledger is embedded unless the environment names another', () => {
  expect(load({})).toEqual({ dataDir: './data', ledger: 'embedded' });
  const env = { DAVYLAMP_LEDGER: 'postgres', DAVYLAMP_POSTGRES_URL: 'postgres://db/davylamp' };
  expect(load(env)).toMatchObject({ ledger: 'postgres', postgresUrl: 'postgres://db/davylamp' });
});

test('an address that is not PostgreSQL’s is a problem of the configuration', () => {
  expect(() => load({ DAVYLAMP_POSTGRES_URL: 'mysql://db' })).toThrow(
    /postgres:\/\/user:password@host.*, got a secret/,
  );
});

test('PostgreSQL without an address cannot be opened', () => {
  expect(() => load({ DAVYLAMP_LEDGER: 'postgres' })).toThrow(
    /postgresUrl: expected .*because ledger is postgres/,
  );
  expect(() => openLedger({ dataDir: 'unused', ledger: 'postgres' })).toThrow(ConfigError);
});

test('a data folder that cannot be made stops the start', () => {
  expect(() => openLedger({ dataDir: '/dev/null/data', ledger: 'embedded' })).toThrow(ConfigError);
});
