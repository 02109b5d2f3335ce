import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bus } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';

let folder: string;
let path: string;
let bus: Bus;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'davylamp-sqlite-'));
  path = join(folder, 'bus.db');
  bus = createSqliteBus({ path, partitions: 2 });
  await bus.ensure([{ name: 'a', compacted: false, partitions: 1, retentionHours: 1 }]);
});
afterEach(async () => {
  await bus.close();
  rmSync(folder, { recursive: true });
});

test('what publish has acknowledged outlives a SIGKILL, and the next offset follows it', async () => {
  const program = `
    import { createSqliteBus } from '#libs/bus/sqlite.ts';
    const bus = createSqliteBus({ path: ${JSON.stringify(path)}, partitions: 2 });
    for (let n = 0; ; n++) {
      await bus.publish([{ topic: 'a', key: 'k', value: Buffer.from(String(n)) }]);
      console.log(n);
    }`;
  const child = execFile(process.execPath, ['--input-type=module', '--eval', program]);
  let acknowledged = -1;
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (lines: string) => {
      acknowledged = Number(lines.trim().split('\n').at(-1));
      if (acknowledged > 50) resolve();
    });
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const values: string[] = [];
  await bus.replay('a', {}, async ({ records }) => {
    values.push(...records.map(({ value }) => Buffer.from(value).toString()));
  });
  expect(values.length).toBeGreaterThan(acknowledged);
  expect(values).toEqual(values.map((_, index) => String(index)));
});

test('a message of this process is delivered without waiting for the look at other processes', async () => {
  const patient = createSqliteBus({ path, partitions: 2, pollMs: 60_000 });
  const delivered = new Promise<void>((resolve) => {
    void patient.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'latest',
      deliver: async () => resolve(),
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const start = performance.now();
  await patient.publish([{ topic: 'a', key: 'k', value: new Uint8Array(1) }]);
  await delivered;
  expect(performance.now() - start).toBeLessThan(2_000);
  await patient.close();
});

test('handlers that never wait leave timers their turn', async () => {
  await bus.publish(
    Array.from({ length: 20_000 }, () => ({ topic: 'a', key: 'k', value: new Uint8Array(1) })),
  );
  let batches = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await new Promise<void>((resolve) => {
    void bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async () => {
        batches++;
        if (batches === 20) resolve();
      },
    });
  });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(2);
});
