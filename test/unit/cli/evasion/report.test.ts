import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TECHNIQUES } from '#libs/traces/evasion/techniques.ts';

const run = promisify(execFile);
let folder: string;
let screen: string;

const evaluate = (...more: readonly string[]) =>
  run(process.execPath, ['services/cli/main.ts', 'evaluate', '--evasion', ...more]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-evasion-'));
  const files = ['--json', join(folder, 'out.json'), '--report', join(folder, 'out.html')];
  const only = ['--quick', '--days', '1', '--family', 'matmul-pow', '--level', 'L3', '--threads', '2'];
  screen = (await evaluate(...only, ...files)).stdout;
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('everything on the screen is labelled synthetic, and every technique is there', () => {
  expect(screen.split('\n')[0]).toMatch(/^Synthetic:/);
  for (const { name } of TECHNIQUES) expect(screen).toContain(name);
  expect(screen).toContain('Hiding in the cheap tier (synthetic)');
});

test('the file says what was run, and has an entry for each technique, family and judge', async () => {
  const suite = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'));
  expect(suite).toMatchObject({ synthetic: true, days: 1, seed: 1, quick: true, families: ['matmul-pow'] });
  expect(suite.cells).toHaveLength(TECHNIQUES.length * 3);
  expect(suite.hidden).toHaveLength(TECHNIQUES.length * 3);
});

test('the page stands alone: no script, no address outside, both plots', async () => {
  const page = await readFile(join(folder, 'out.html'), 'utf8');
  expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import/);
  expect(page.match(/<svg role="img"/g)).toHaveLength(2);
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page.match(/<h2>[^<]*<\/h2>/g)?.filter((title) => !title.includes('synthetic'))).toEqual([]);
});

test('a family that is none stops with the names of those that are', async () => {
  await expect(evaluate('--family', 'gold')).rejects.toMatchObject({
    stderr: expect.stringContaining('hash-pow-memory-hard'),
  });
});
