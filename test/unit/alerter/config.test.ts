import { expect, test } from 'vitest';
import { loadConfig } from '#libs/runtime/config.ts';
import { alerterConfig } from '#services/alerter/config.ts';

const load = (env: Record<string, string>) => loadConfig(alerterConfig, { env });

test('it runs embedded, with nobody to tell, when nothing is set', () => {
  const settings = load({});
  expect(settings).toMatchObject({ bus: 'embedded', ledger: 'embedded', jobs: 'embedded', sweepMs: 5_000 });
  expect(settings.webhookUrl).toBeUndefined();
});

test('every problem is named at once, with its variable', () => {
  const env = {
    DAVYLAMP_WEBHOOK_URL: 'ftp://x',
    DAVYLAMP_WEBHOOK_SECRET: 'short',
    DAVYLAMP_SWEEP_MS: 'soon',
  };
  expect(() => load(env)).toThrow(
    /3 problem[\s\S]*DAVYLAMP_WEBHOOK_URL[\s\S]*DAVYLAMP_WEBHOOK_SECRET[\s\S]*DAVYLAMP_SWEEP_MS/,
  );
});
