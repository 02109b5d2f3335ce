import { expect, test } from 'vitest';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { traceColumn, traceLevel } from '#libs/traces/recording/columns.ts';
import { traceFrames } from '#libs/traces/recording/node-trace.ts';
import { parseCsv } from '#libs/traces/recording/parse-csv.ts';

const UTILIZATION = gaugeOrdinal('gpu', 'gpu_utilization_ratio');
const CPU = gaugeOrdinal('host', 'cpu_utilization_ratio');
const RATIO = gaugeOrdinal('gpu', 'gpu_memory_used_ratio');

test('an empty cell is absent, never zero', () => {
  const table = parseCsv('time_s,gpu_utilization_ratio,behaviour\n0,,idle\n1,0,idle\n');
  expect([...table.number('gpu_utilization_ratio')]).toEqual([Number.NaN, 0]);
  expect(table.text('behaviour')).toEqual(['idle', 'idle']);
});

test('a line with other cells than the header, and a column that is not there, are named', () => {
  expect(() => parseCsv('a,b\n1,2\n3\n')).toThrow('line 3: expected 2 cells, got 1');
  expect(() => parseCsv('a,b\n1,2\n').number('c')).toThrow('expected a column c, got a, b');
});

test('columns go to the catalogue, also under the names that traces use', () => {
  expect(traceColumn('gpu_pcie_tx_bytes_per_second')).toEqual({
    kind: 'gpu',
    ordinal: gaugeOrdinal('gpu', 'gpu_pcie_transmit_bytes_per_second'),
  });
  expect(traceColumn('cpu_power_watts')?.kind).toBe('host');
  expect(traceColumn('behaviour')).toBeNull();
  expect(traceColumn('gpu_joy_ratio')).toBeNull();
});

test('levels: power alone, what nvidia-smi shows, profiling counters', () => {
  expect(['gpu_power_watts', 'node_power_watts', 'fabric_tx_bytes_per_second'].map(traceLevel)).toEqual([
    'L1',
    'L1',
    'L1',
  ]);
  expect(['gpu_utilization_ratio', 'gpu_memory_used_bytes', 'cpu_utilization_ratio'].map(traceLevel)).toEqual(
    ['L2', 'L2', 'L2'],
  );
  expect(['gpu_sm_active_ratio', 'gpu_nvlink_rx_bytes_per_second'].map(traceLevel)).toEqual(['L3', 'L3']);
});

test('rows of a second are one sample, ten seconds a frame, each GPU on its own', () => {
  const rows = Array.from({ length: 40 }, (_, tenth) =>
    [0, 1].map(
      (gpu) =>
        `${tenth / 2},${gpu},${gpu === 0 ? tenth % 2 : 0.5},0.1,${tenth < 20 ? 'idle' : 'ai_training'}`,
    ),
  ).flat();
  const frames = traceFrames(
    parseCsv(['time_s,gpu,gpu_utilization_ratio,cpu_utilization_ratio,behaviour', ...rows].join('\n')),
  );
  expect(frames.map(({ endSeconds, samples }) => [endSeconds, samples])).toEqual([
    [10, 10],
    [20, 10],
  ]);
  expect(frames.map(({ labels }) => [...labels])).toEqual([[['idle', 40]], [['ai_training', 40]]]);
  const [host, first, second] = frames[0]?.entities ?? [];
  expect(host?.gauges[CPU]).toBeCloseTo(0.1, 6);
  // 0 and 1 within a second average to 0.5: the steps vanish at 1 Hz, as they do for an agent.
  expect([first?.gauges[UTILIZATION], first?.gauges[UTILIZATION + 1]]).toEqual([0.5, 0]);
  expect(second?.index).toBe(1);
});

test('rows out of order are put in order, and a slow trace gives frames of fewer samples', () => {
  const frames = traceFrames(
    parseCsv('time_s,gpu_utilization_ratio,behaviour\n15,0.2,idle\n5,0.4,idle\n0,0.6,idle\n'),
  );
  expect(frames.map(({ endSeconds, samples }) => [endSeconds, samples])).toEqual([
    [10, 2],
    [20, 1],
  ]);
});

test('memory in use is also a share where the file gives bytes and the total', () => {
  const table = parseCsv('time_s,gpu_memory_used_bytes,gpu_memory_total_bytes,behaviour\n0,20,80,idle\n');
  expect(traceFrames(table)[0]?.entities[1]?.gauges[RATIO]).toBeCloseTo(0.25, 6);
  const less = traceFrames(table, (name) => name === 'gpu_memory_used_bytes')[0]?.entities ?? [];
  expect(less).toHaveLength(1);
});
