import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { repositoryRoot } from '#deploy/servers/server.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { envName } from '#libs/runtime/env-name.ts';
import { SERVICE_SCHEMAS } from '#services/settings-table.ts';

const run = promisify(execFile);
const folder = join(repositoryRoot, 'deploy', 'compose');
const secrets = readFileSync(join(folder, '.env.example'), 'utf8').match(/^\w+(?==)/gm) ?? [];

interface Service {
  command?: string[];
  environment?: Record<string, unknown>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  volumes?: string[];
  ports?: string[];
}

const { services, volumes } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};

/** What `docker-compose config` makes of the file: it checks the compose specification, references and secrets. */
const config = (env: Record<string, string>) =>
  run('docker-compose', ['-f', join(folder, 'compose.yaml'), 'config'], {
    env: { PATH: process.env.PATH, ...env },
  });

const hasCompose = (process.env.PATH ?? '')
  .split(':')
  .some((path) => existsSync(join(path, 'docker-compose')));
const checked = hasCompose || process.env.CI === 'true';
const title = checked
  ? ''
  : ' (no docker-compose here: apt-get install --no-install-recommends docker-compose)';

test.skipIf(!checked)(`is a valid compose file once its secrets are chosen${title}`, async () => {
  const chosen = Object.fromEntries(secrets.map((name) => [name, 'chosen1']));

  await expect(config(chosen)).resolves.toMatchObject({ stderr: '' });
});

test.skipIf(!checked)(`refuses to start without its secrets${title}`, async () => {
  await expect(config({})).rejects.toThrow('set it in .env');
});

test('runs every service of the product but the tools, and nothing else of it', () => {
  const root = join(repositoryRoot, 'services');
  const built = readdirSync(root).filter((name) => existsSync(join(root, name, 'main.ts')) && name !== 'cli');
  const composed = Object.values(services).flatMap(
    ({ command }) => command?.[1]?.match(/^services\/(\w+)\//)?.[1] ?? [],
  );

  expect(composed.toSorted()).toEqual(built.toSorted());
});

test('sets only variables that a service reads', () => {
  const known = new Set(
    Object.values(SERVICE_SCHEMAS).flatMap(({ shape }) => Object.keys(shape).map(envName)),
  );
  const set = Object.values(services).flatMap(({ environment }) => Object.keys(environment ?? {}));

  expect(set.filter((name) => name.startsWith('DAVYLAMP_') && !known.has(name))).toEqual([]);
  expect(set.length).toBeGreaterThan(60);
});

test('is a configuration that each service takes', () => {
  for (const [name, schema] of Object.entries(SERVICE_SCHEMAS)) {
    // As compose puts in what .env gives, or the default.
    const filled = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
      key,
      String(value)
        .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
        .replace(/\$\{\w+:\?[^}]*\}/g, 'chosen'),
    ]);
    const settings = loadConfig<z.ZodObject>(schema, { env: Object.fromEntries(filled) });
    expect(settings.bus, name).toBe('kafka');
  }
});

test('publishes the port of the gateway and keeps its certificate', () => {
  const { environment, ports, volumes: kept } = services.gateway ?? {};
  const port = String(environment?.DAVYLAMP_GATEWAY_PORT);
  expect(ports).toEqual([`${port}:${port}`]);
  expect(kept).toEqual(['gateway:/var/lib/davylamp']);
});

test('waits only for servers that can become healthy, and keeps data only in declared volumes', () => {
  for (const [name, service] of Object.entries(services)) {
    for (const [awaited, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(services[awaited]?.healthcheck, `${name} waits for ${awaited}`).toBeDefined();
      expect(condition).toBe('service_healthy');
    }
    for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty(volume.split(':')[0] ?? '');
  }
});
