import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError, NotFoundError, UnreadableFileError } from '#libs/runtime/errors.ts';
import { type LabelColumn, layoutOf, readRow, timeOf } from '#services/cli/evaluate/series/csv.ts';
import { assertApart, seriesFiles } from '#services/cli/evaluate/series/files.ts';
import { scoreFile } from '#services/cli/evaluate/series/score.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-series-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test.each<[string, LabelColumn, number | null, number[], boolean]>([
  ['timestamp,value', 'none', 0, [1], true],
  ['cpu,Timestamp,mem,label', 'last', 1, [0, 2], true],
  ['cpu,mem', 'none', null, [0, 1], true],
  ['0.2,0.1,1', 'last', null, [0, 1], false],
  ['0.2,,nan', 'none', null, [0, 1, 2], false],
])('reads the layout of %s with label %s', (line, label, time, values, header) => {
  expect(layoutOf(line, label)).toEqual({ time, values, header });
});

test.each([
  ['2014-04-01 00:05:00', Date.UTC(2014, 3, 1, 0, 5)],
  ['2014-04-01T00:05:00.5Z', Date.UTC(2014, 3, 1, 0, 5, 0, 500)],
  ['2014-04-01T02:05:00+02:00', Date.UTC(2014, 3, 1, 0, 5)],
  ['2014-04-01', Date.UTC(2014, 3, 1)],
  ['1396310700', Date.UTC(2014, 3, 1, 0, 5)],
  ['1396310700000', Date.UTC(2014, 3, 1, 0, 5)],
])('%s is %d', (text, ms) => {
  expect(timeOf(text)).toBe(ms);
});

test('a cell that is no number is a missing value, a row without a timestamp column is a minute after the last', () => {
  const values = new Float64Array(3);
  expect(readRow(['1', '', 'x'], 5, layoutOf('1,2,3', 'none'), values)).toBe(300_000);
  expect([...values]).toEqual([1, Number.NaN, Number.NaN]);
});

const shifted = Array.from({ length: 600 }, (_, i) => (i < 500 ? i % 7 : 90 + (i % 7)));

test('each row gets one score in 0..1, and the shift one alert', async () => {
  const lines = shifted.map((v, i) => `${new Date(i * 300_000).toISOString()},${v}`);
  await mkdir(join(folder, 'in/deep'), { recursive: true });
  await writeFile(join(folder, 'in/deep/a.csv'), ['timestamp,value', ...lines, ''].join('\n'));
  const options = { season: 'none', label: 'none' } as const;
  const scored = await scoreFile(join(folder, 'in'), join(folder, 'out'), 'deep/a.csv', options);
  expect(scored).toMatchObject({ name: 'deep/a.csv', rows: 600, columns: 1, alerts: 1 });
  const [head, ...rows] = (await readFile(join(folder, 'out/deep/a.csv'), 'utf8')).trim().split('\n');
  expect(head).toBe('timestamp,anomaly_score');
  expect(rows.map((row) => row.split(',')[0])).toEqual(lines.map((line) => line.split(',')[0]));
  const scores = rows.map((row) => Number(row.split(',')[1]));
  expect(scores.every((score) => score >= 0 && score < 1)).toBe(true);
  expect(scores.findIndex((score) => score >= 0.5)).toBe(500);
});

test('a withheld label changes no score, and compression stays', async () => {
  await mkdir(join(folder, 'in'));
  const write = (name: string, label: (i: number) => number) =>
    writeFile(join(folder, 'in', name), gzipSync(shifted.map((v, i) => `${v},${-v},${label(i)}`).join('\n')));
  await write('a.csv.gz', (i) => (i < 500 ? 0 : 1));
  await write('b.csv.gz', () => 7);
  const read = async (name: string) => {
    await scoreFile(join(folder, 'in'), join(folder, 'out'), name, { season: 'week', label: 'last' });
    return gunzipSync(await readFile(join(folder, 'out', name))).toString('utf8');
  };
  const a = await read('a.csv.gz');
  expect(a.split('\n')[0]).toBe('anomaly_score');
  expect(a.trim().split('\n').length).toBe(601);
  expect(await read('b.csv.gz')).toBe(a);
});

test('finds the series of a folder by name, and says when there are none', async () => {
  await mkdir(join(folder, 'b/c'), { recursive: true });
  await expect(seriesFiles(folder)).rejects.toThrow(NotFoundError);
  for (const name of ['b/c/2.csv', 'a.csv.gz', 'b/notes.txt']) await writeFile(join(folder, name), 'x');
  expect(await seriesFiles(folder)).toEqual([
    { name: 'a.csv.gz', bytes: 1 },
    { name: 'b/c/2.csv', bytes: 1 },
  ]);
  await expect(seriesFiles(join(folder, 'absent'))).rejects.toThrow(/expected a folder/);
});

test('results may not be written over the series', () => {
  expect(() => assertApart('data', 'data/out')).toThrow(ConfigError);
  expect(() => assertApart('data', './data')).toThrow(ConfigError);
  assertApart('data', 'data-out');
});

const scoredText = async (name: string, content: string | Buffer) => {
  await mkdir(join(folder, 'in'), { recursive: true });
  await writeFile(join(folder, 'in', name), content);
  return await scoreFile(join(folder, 'in'), join(folder, 'out'), name, { season: 'none', label: 'none' });
};

test.each([
  [
    'of semicolons',
    'a.csv',
    'timestamp;value\n2026-01-01;5\n',
    /a\.csv, line 2: expected numbers, .* got "2026-01-01;5"/,
  ],
  [
    'of words',
    'a.csv',
    'timestamp,value\n2026-01-01,low\n2026-01-02,high\n',
    /a\.csv, line 2: expected numbers.* "low"/,
  ],
  [
    'of times in other words',
    'a.csv',
    'time,value\n\nsome day,1\nanother,2\n',
    /a\.csv, line 3: expected a time.* "some day"/,
  ],
  [
    'of bytes',
    'a.csv',
    Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 37) % 256)),
    /a\.csv, line \d+: expected/,
  ],
  [
    'compressed by name alone',
    'a.csv.gz',
    '1,2\n',
    /a\.csv\.gz: expected a whole gzip file, got incorrect header check/,
  ],
  [
    'compressed, and cut off',
    'a.csv.gz',
    gzipSync('1,2\n3,4\n').subarray(0, -9),
    /a\.csv\.gz: expected a whole gzip file/,
  ],
])('a file %s is refused by its name, and leaves no scores', async (_, name, content, refusal) => {
  await expect(scoredText(name, content)).rejects.toThrow(refusal);
  await expect(scoredText(name, content)).rejects.toThrow(UnreadableFileError);
  expect(await readdir(join(folder, 'out'))).toEqual([]);
});

test('cells that hold no number are counted, missing values are not', async () => {
  const rows = [
    '2026-01-01T00:00Z,1',
    '2026-01-01T00:01Z,',
    '2026-01-01T00:02Z,nan',
    '2026-01-01T00:03Z,off',
    'then,5',
  ];
  expect(await scoredText('a.csv', ['timestamp,value', ...rows].join('\r\n'))).toMatchObject({
    rows: 5,
    unreadable: 2,
  });
  expect(await scoredText('b.csv', 'timestamp,value\n2026-01-01,\n')).toMatchObject({
    rows: 1,
    unreadable: 0,
  });
});
