import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowComputeBound } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { compareVersions } from '#services/cli/backtest/compare.ts';
import { render } from '#services/cli/backtest/render.ts';
import { ALL_TIME } from '#services/cli/backtest/source.ts';
import { traceSource } from '#services/cli/backtest/trace-source.ts';
import { readVersions } from '#services/cli/backtest/version.ts';

const COLUMNS = [
  ['gpu_power_watts', 'gpu_power_watts'],
  ['gpu_utilization_ratio', 'gpu_utilization_ratio'],
  ['gpu_memory_used_ratio', 'gpu_memory_used_ratio'],
  ['gpu_sm_active_ratio', 'gpu_sm_active_ratio'],
  ['gpu_tensor_active_ratio', 'gpu_tensor_active_ratio'],
  ['gpu_dram_active_ratio', 'gpu_dram_active_ratio'],
  ['gpu_pcie_tx_bytes_per_second', 'gpu_pcie_transmit_bytes_per_second'],
  ['gpu_pcie_rx_bytes_per_second', 'gpu_pcie_receive_bytes_per_second'],
] as const;
const MINUTES = 12;
let folder = '';

/** Simulated machines, written as recordings are. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-traces-'));
  await mkdir(join(folder, 'node'));
  const traces = [
    await recorded('training run', trainingDataParallel, 'ai_training'),
    await recorded('hashing', hashPowComputeBound, 'pow_hash_gpu'),
  ];
  const meter = { id: 'house', kind: 'meter', file: 'meter/house.csv.gz', labels: {}, device: '', note: '' };
  await writeFile(join(folder, 'traces.json'), JSON.stringify([...traces, meter]));
});
afterAll(() => rm(folder, { recursive: true }));

async function recorded(id: string, workload: Workload, label: string) {
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({
    name: id,
    hardware: { ...HARDWARE.h100x8, gpus: 2 },
    shifts,
    flows: false,
    seed: 1,
  });
  const lines = [['time_s', 'gpu', ...COLUMNS.map(([name]) => name), 'behaviour'].join(',')];
  for (let second = 1; second < MINUTES * 60; second++) {
    machine.second(second * 1000);
    for (const { kind, index, gauges } of machine.rows) {
      if (kind !== 'gpu') continue;
      const values = COLUMNS.map(([, name]) => gauges[gaugeOrdinal('gpu', name)] ?? '');
      lines.push([second, index, ...values, label].join(','));
    }
  }
  const file = `node/${label}.csv.gz`;
  await writeFile(join(folder, file), gzipSync(`${lines.join('\n')}\n`));
  return { id, kind: 'node', file, labels: { [label]: 2 * MINUTES * 60 }, device: '', note: '' };
}

/** The shipped version and one to which no feature says anything, in either order. */
async function compared(isShippedFirst = true) {
  const [a, b] = await readVersions([], []);
  const deaf = (version: typeof a) => ({
    ...version,
    parameters: { ...version.parameters, termDiscount: 0 },
  });
  const versions = isShippedFirst ? ([a, deaf(b)] as const) : ([deaf(a), b] as const);
  return await compareVersions(await traceSource(folder, ALL_TIME), versions, undefined, () => undefined);
}

test('recorded traces go through both stages, each as a node of its own', async () => {
  const { source, windows, findings } = await compared();
  expect(source).toMatchObject({ kind: 'traces', messages: 2 * MINUTES * 6, labelled: 1 });
  expect(source.unseen[0]).toMatch(/^1 traces of other kinds are left out/);
  expect(windows.nodes.map(({ node, windows: own, watched }) => [node, own, watched])).toEqual([
    ['hashing', MINUTES, MINUTES],
    ['training_run', MINUTES, MINUTES],
  ]);
  expect(findings.onlyA).toMatchObject([{ node: 'hashing', kind: 'deviation' }]);
  expect(findings.onlyB).toEqual([]);
});

test('what is labelled as proof-of-work is no false alarm, and its time is left out', async () => {
  const { versions } = await compared();
  expect(versions.a).toMatchObject({ findings: 1, rate: { alerts: 0 } });
  expect(versions.a.rate.nodeWeeks).toBeCloseTo(MINUTES / (7 * 24 * 60), 10);
});

test('a laxer threshold gains a finding, and people read which, since when and why', async () => {
  const { findings, ...rest } = await compared(false);
  expect(findings.onlyB.map(({ node }) => node)).toEqual(['hashing']);
  const text = render({ findings, ...rest });
  expect(text).toMatch(/Findings only in A \(lost\)\n\(none\)/);
  expect(text).toMatch(/Findings only in B \(gained\)\nnode .*\nhashing +traces +deviation/);
  expect(text).toMatch(/hashing +\d+ +\d+/);
  expect(text).toMatch(/conformity +\S.* → deviates/);
  expect(text).toMatch(/per 1,000 nodes and week/);
  expect(text).toMatch(/Poisson, exact \(Garwood\), 95 %/);
  expect(text).toMatch(/Base rate: .* one node in 1,000/);
  expect(text).toMatch(/What this cannot see\n- /);
});

test('a model whose families are named otherwise changes the behaviour of windows', async () => {
  const [a, b] = await readVersions([], []);
  const families = b.model.families.map((family) => ({
    ...family,
    behaviour: family.behaviour === 'B1' ? ('B2' as const) : family.behaviour,
  }));
  const other = { ...b, model: { ...b.model, families } };
  const source = await traceSource(folder, ALL_TIME);
  const { windows } = await compareVersions(source, [a, other], undefined, () => undefined);
  const training = windows.nodes.find(({ node }) => node === 'training_run');
  expect(training?.behaviour).toBeGreaterThan(0);
  expect(windows.turns).toContainEqual({ axis: 'behaviour', a: 'B1', b: 'B2', windows: training?.behaviour });
});

test('a folder without traces says what was expected', async () => {
  await expect(traceSource(join(folder, 'node'), ALL_TIME)).rejects.toThrow(
    /traces.json: expected a list of traces/,
  );
});
