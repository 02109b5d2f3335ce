import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { TECHNIQUES } from '#libs/traces/evasion/techniques.ts';
import { render } from '#services/cli/evaluate/evasion/command.ts';
import { reportOf } from '#services/cli/evaluate/evasion/report.ts';
import type { Extent } from '#services/cli/evaluate/evasion/setting.ts';
import { evasionSuite, type Suite } from '#services/cli/evaluate/evasion/suite.ts';

const run = promisify(execFile);
const EXTENT: Extent = {
  sampling: { firstMinutes: 8, minutes: 4, everyHours: 12 },
  runs: 1,
  searchRuns: 1,
  honestRuns: 1,
  variedRuns: 0,
  whole: false,
  parts: 4,
};
let suite: Suite;
let screen: string;

beforeAll(async () => {
  const options = { days: 1, seed: 1, family: 'matmul-pow', level: 'L3', extent: EXTENT } as const;
  suite = await evasionSuite({ ...options, threads: 2, progress: () => undefined });
  screen = render(suite);
}, 120_000);

test('everything on the screen is labelled synthetic, and every technique is there', () => {
  expect(screen.split('\n')[0]).toMatch(/^Synthetic:/);
  for (const { name } of TECHNIQUES) expect(screen).toContain(name);
  expect(screen).toContain('Hiding in the cheap tier (synthetic)');
});

test('the suite says what was run, and has an entry for each technique, family and judge', () => {
  expect(suite).toMatchObject({ synthetic: true, days: 1, seed: 1, quick: true, families: ['matmul-pow'] });
  expect(suite.cells).toHaveLength(TECHNIQUES.length * 3);
  expect(suite.hidden).toHaveLength(TECHNIQUES.length * 3);
});

test('the page stands alone: no script, no address outside, both plots', () => {
  const page = reportOf(suite);
  expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import/);
  expect(page.match(/<svg role="img"/g)).toHaveLength(2);
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page.match(/<h2>[^<]*<\/h2>/g)?.filter((title) => !title.includes('synthetic'))).toEqual([]);
});

test('a family that is none stops with the names of those that are', async () => {
  await expect(
    run(process.execPath, ['services/cli/main.ts', 'evaluate', '--evasion', '--family', 'gold']),
  ).rejects.toMatchObject({
    stderr: expect.stringContaining('hash-pow-memory-hard'),
  });
});
