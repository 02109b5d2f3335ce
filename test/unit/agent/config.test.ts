import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { loadConfig } from '#libs/runtime/config.ts';
import { envName } from '#libs/runtime/env-name.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { agentConfig, agentProblems } from '#services/agent/config.ts';

const MAIN = join(import.meta.dirname, '../../../services/agent/main.ts');

const load = (settings: Record<string, string>) =>
  loadConfig(
    agentConfig,
    { env: Object.fromEntries(Object.entries(settings).map(([key, value]) => [envName(key), value])) },
    agentProblems,
  );

test('works without any setting: this machine, the embedded bus, one frame in ten seconds', () => {
  expect(load({})).toMatchObject({
    outlet: 'bus',
    intervalMs: 10_000,
    sampleMs: 1_000,
    spoolMaxBytes: 268_435_456,
    longLivedSeconds: 600,
  });
});

test('refuses settings that do not fit together', () => {
  const bad: [settings: Record<string, string>, message: RegExp][] = [
    [
      { intervalMs: '10000', sampleMs: '3000' },
      /intervalMs: expected a multiple of sampleMs \(3000\), got "10000"/,
    ],
    [{ outlet: 'gateway' }, /gatewayUrl: expected https:.*because outlet is gateway, got nothing/],
    [{ bus: 'kafka' }, /kafkaBrokers: expected host:port/],
  ];
  for (const [settings, message] of bad) {
    const check = () => load(settings);
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(message);
  }
});

test('a bus that it does not use is not looked at', () => {
  const unused = { outlet: 'gateway', gatewayUrl: 'https://gateway:8443', bus: 'kafka' };
  expect(load(unused).gatewayUrl).toBe(unused.gatewayUrl);
});

test('names every problem at the start, and exits with 78', async () => {
  const env = {
    ...process.env,
    DAVYLAMP_NODE: 'a b',
    DAVYLAMP_GATEWAY_URL: 'http://x',
    DAVYLAMP_SAMPLE_MS: 'often',
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [message, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(78);
  for (const name of ['DAVYLAMP_NODE', 'DAVYLAMP_GATEWAY_URL', 'DAVYLAMP_SAMPLE_MS'])
    expect(message).toContain(name);
});
