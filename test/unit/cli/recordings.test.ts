import { readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { SHIPPED_HOST_MODEL } from '#libs/detect/host-evidence/shipped.ts';
import { METRICS } from '#libs/model/catalogue.ts';
import { traceColumn } from '#libs/traces/recording/columns.ts';
import { type CsvTable, parseCsv } from '#libs/traces/recording/parse-csv.ts';
import { trainHost } from '#services/cli/commands/train-host.ts';
import { FLOW_LABELS, NODE_LABELS } from '#services/cli/record/labels.ts';
import { CPU_WORKLOADS } from '#test/fixtures/traces/cpu/workloads.ts';
import { sheetWithResults } from '#test/fixtures/traces/results.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/traces');
const MAX_BYTES = 8e6;

const listed = z
  .array(
    z.object({
      id: z.string(),
      kind: z.enum(['node', 'flow']),
      file: z.string(),
      rows: z.number(),
      labels: z.record(z.string(), z.number()),
      licence: z.literal('CC BY 4.0'),
      family: z.string(),
      with: z.string().optional(),
      ended: z.literal('complete'),
      interval_ms: z.literal(1000),
      marks: z.object({ start_s: z.literal(0), steady_s: z.number(), end_s: z.number() }),
    }),
  )
  .parse(JSON.parse(readFileSync(join(FOLDER, 'traces.json'), 'utf8')));
const nodes = listed.filter(({ kind }) => kind === 'node');
const flows = listed.filter(({ kind }) => kind === 'flow');

const read = (file: string): CsvTable => parseCsv(gunzipSync(readFileSync(join(FOLDER, file))).toString());
const counts = (labels: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(labels, (label) => label)].map(([label, own]) => [label, own.length]));
const rising = (times: Float64Array, least: number) =>
  times.every((time, row) => row === 0 || time - (times[row - 1] ?? 0) >= least);

test('at least twenty workloads are published, every file is listed, and all are small', () => {
  expect(nodes.length).toBeGreaterThanOrEqual(20);
  const files = ['node', 'flow'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`),
  );
  expect(files.toSorted()).toEqual(listed.map(({ file }) => file).toSorted());
  const bytes = files.reduce((sum, file) => sum + statSync(join(FOLDER, file)).size, 0);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

test.each(nodes)(
  '$id: gauges of the catalogue, three labelled minutes of the workload, one row a second',
  (trace) => {
    const table = read(trace.file);
    const workload = CPU_WORKLOADS.find(({ name }) => name === trace.id);
    expect(table.rows).toBe(trace.rows);
    const gauges = table.names.slice(1, -1);
    expect([table.names[0], table.names.at(-1)]).toEqual(['time_s', 'behaviour']);
    expect(gauges.filter((name) => traceColumn(name)?.kind !== 'host')).toEqual([]);
    for (const name of gauges) {
      const [min, max] = METRICS.get(name)?.plausible ?? [0, 0];
      const values = table.number(name).filter((value) => !Number.isNaN(value));
      expect(values.length, name).toBeGreaterThan(0);
      expect(
        values.every((value) => value >= min && value <= max),
        name,
      ).toBe(true);
    }
    const seconds = table.number('time_s');
    expect(rising(seconds, 0.5)).toBe(true);
    const labels = table.text('behaviour');
    expect(counts(labels)).toEqual(trace.labels);
    expect(NODE_LABELS).toContain(workload?.label);
    expect(trace.family).toBe(workload?.family);
    const { steady_s: steady, end_s: end } = trace.marks;
    const inside = (second: number) => second > steady && second <= end;
    expect(labels.filter((label, row) => (label === workload?.label) !== inside(seconds[row] ?? 0))).toEqual(
      [],
    );
    expect(trace.labels[workload?.label ?? '']).toBeGreaterThanOrEqual(175);
  },
);

test.each(flows)('$id: bytes of labelled connections, beside a recorded node', (trace) => {
  const table = read(trace.file);
  expect(nodes.map(({ id }) => id)).toContain(trace.with);
  expect(table.names).toEqual(['time_s', 'flow', 'direction', 'remote_port', 'payload_bytes', 'behaviour']);
  expect(table.rows).toBe(trace.rows);
  expect(rising(table.number('time_s'), 0)).toBe(true);
  expect(table.number('payload_bytes').every((bytes) => bytes > 0)).toBe(true);
  expect(table.text('direction').every((direction) => direction === 'up' || direction === 'down')).toBe(true);
  expect(counts(table.text('behaviour'))).toEqual(trace.labels);
  expect(
    Object.keys(trace.labels).filter((label) => !(FLOW_LABELS as readonly string[]).includes(label)),
  ).toEqual([]);
});

test('nothing names the machine: no name, no address, no path of it', () => {
  const texts = [
    readFileSync(join(FOLDER, 'traces.json'), 'utf8'),
    readFileSync(join(FOLDER, 'README.md'), 'utf8'),
  ];
  for (const text of texts) {
    expect(text).not.toMatch(/\/(work|root|home|tmp|var)\b/);
    expect(text).not.toMatch(/\b\d{1,3}(\.\d{1,3}){3}\b/);
    if (hostname().length > 3) expect(text).not.toContain(hostname());
  }
});

test('the data sheet says what the recordings give now: node test/fixtures/traces/results.ts', async () => {
  expect(await sheetWithResults()).toBe(readFileSync(join(FOLDER, 'README.md'), 'utf8'));
}, 60_000);

test('the shipped model of hosts is what `davylamp train --host` makes of the recordings', async () => {
  expect(await trainHost({ leaveOut: [], without: [] })).toEqual(SHIPPED_HOST_MODEL);
});

test('a fit of hosts leaves out what it is told to, and knows no other name', async () => {
  const { families } = await trainHost({ leaveOut: ['scrypt', 'B1'], without: [] });
  const names = families.map(({ name }) => name);
  expect(names).not.toContain('scrypt');
  expect(names).toContain('argon2id');
  expect(families.filter(({ behaviour }) => behaviour === 'B1')).toEqual([]);
  await expect(trainHost({ leaveOut: ['nobody'], without: [] })).rejects.toThrow('--leave-out nobody');
});
