import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotFoundError } from '#libs/runtime/errors.ts';
import { type Evaluation, evaluateDirectory } from '#services/cli/evaluate/traces/evaluation.ts';
import { reportOf } from '#services/cli/evaluate/traces/report.ts';

let directory = '';
let evaluation: Evaluation;

/** A laptop without profiling counters: six idle minutes, then a miner for six; its last half minute has no label. */
function miner(): string {
  const head = 'time_s,gpu,gpu_utilization_ratio,gpu_memory_used_ratio,cpu_utilization_ratio,behaviour';
  const rows = Array.from({ length: 360 }, (_, index) => {
    const seconds = index * 2;
    if (seconds < 360) return `${seconds},0,0,0.02,0.04,idle`;
    return `${seconds},0,${index % 7 === 0 ? 0.99 : 1},0.9,0.05,${seconds < 690 ? 'pow_hash_gpu' : ''}`;
  });
  return [head, ...rows].join('\n');
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davylamp-traces-'));
  await mkdir(join(directory, 'node'));
  await writeFile(join(directory, 'node', 'laptop.csv.gz'), gzipSync(miner()));
  const traces = [
    { id: 'laptop', kind: 'node', file: 'node/laptop.csv.gz', labels: { idle: 180, pow_hash_gpu: 165 } },
    { id: 'torn', kind: 'node', file: 'node/torn.csv.gz' },
    { id: 'home', kind: 'meter', file: 'meter/home.csv.gz' },
    { id: 'other', kind: 'sound', file: 'sound/other.csv.gz' },
  ];
  await writeFile(join(directory, 'traces.json'), JSON.stringify(traces));
  evaluation = await evaluateDirectory(directory, { runs: 1, progress: () => undefined });
}, 120_000);

afterAll(() => rm(directory, { recursive: true }));

test('each node trace gives its windows by label, and a start without evidence is a change, not a finding', () => {
  const [result] = evaluation.traces.map((trace) => trace.result);
  expect(result).toMatchObject({
    id: 'laptop',
    level: 'L2',
    labels: {
      idle: { windows: 6, flagged: 0, unknown: 0, cannotTell: 0, behaviours: { B0: 6 } },
      pow_hash_gpu: { windows: 5, flagged: 0, unknown: 5, cannotTell: 5, changed: 5, behaviours: { B13: 5 } },
    },
    timeToFindingSeconds: null,
    timeToChangeSeconds: 10,
  });
});

test('other kinds and files that cannot be read are skipped, and it says why', () => {
  expect(evaluation.skipped.map(({ id }) => id)).toEqual(['torn', 'home', 'other']);
  expect(evaluation.skipped.every(({ why }) => why.length > 10)).toBe(true);
});

test('the page has no outside resource, and everything simulated is called synthetic', () => {
  const page = reportOf(evaluation);
  expect(page).not.toMatch(/https?:|src=|href=|@import/);
  expect(page).toContain('synthetic matmul-pow');
  expect(page).toContain('prefers-color-scheme: dark');
  for (const { rows } of evaluation.sections) expect(rows.length).toBeGreaterThan(0);
});

test('a directory without a list of traces is named', async () => {
  const missing = join(directory, 'nowhere');
  await expect(evaluateDirectory(missing, { runs: 1, progress: () => undefined })).rejects.toThrow(
    NotFoundError,
  );
  await expect(evaluateDirectory(missing, { runs: 1, progress: () => undefined })).rejects.toThrow(
    'traces.json',
  );
  expect(await readFile(join(directory, 'traces.json'), 'utf8')).toContain('laptop');
});
