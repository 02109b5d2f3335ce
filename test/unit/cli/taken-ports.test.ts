import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLedger } from '#libs/ledger/open.ts';
import { davylamp } from '#test/support/davylamp.ts';
import { freePorts } from '#test/support/free-ports.ts';

// Each call is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'davylamp-ports-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

test.each([
  ['consolePort', 'DAVYLAMP_CONSOLE_PORT', '127.0.0.1'],
  ['gatewayPort', 'DAVYLAMP_GATEWAY_PORT', '0.0.0.0'],
  ['healthPort', 'DAVYLAMP_HEALTH_PORT', '[::]'],
])(
  'up whose %s is taken says so in one sentence, and makes no administrator',
  async (key, variable, host) => {
    const [port = 0, consolePort, gatewayPort] = await freePorts(3);
    const other = createServer().listen(port);
    await once(other, 'listening');
    const env = {
      DAVYLAMP_DATA_DIR: dataDir,
      DAVYLAMP_CONSOLE_PORT: String(consolePort),
      DAVYLAMP_GATEWAY_PORT: String(gatewayPort),
      [variable]: String(port),
    };
    const { status, err } = await davylamp(dataDir, ['up', '--no-agent'], env);
    other.close();
    const told = `${key}: ${host}:${port} is taken; stop what uses it, or set ${variable}\n`;
    expect({ status, told: err.slice(-told.length) }).toEqual({ status: 1, told });
    expect(err).not.toMatch(/\n +at /);
    const ledger = openLedger({ dataDir, ledger: 'embedded' });
    await ledger.migrate();
    expect(await ledger.people.list()).toEqual([]);
    await ledger.close();
  },
);
