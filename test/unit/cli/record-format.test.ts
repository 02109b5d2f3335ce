import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { emptyRow } from '#libs/model/frame.ts';
import { traceColumn } from '#libs/traces/recording/columns.ts';
import { traceFrames } from '#libs/traces/recording/node-trace.ts';
import { parseCsv } from '#libs/traces/recording/parse-csv.ts';
import type { TcpConnection } from '#services/agent/tcp-connection.ts';
import { type ListedTrace, listTraces } from '#services/cli/evaluate/traces/catalogue.ts';
import { evaluateTrace } from '#services/cli/evaluate/traces/node-traces.ts';
import { namedColumns } from '#services/cli/record/columns.ts';
import { Connections } from '#services/cli/record/connections.ts';
import { parseProcessTime, treeSeconds } from '#services/cli/record/cpu-time.ts';
import { FlowTape } from '#services/cli/record/flow-tape.ts';
import { flowLabel, nodeLabel } from '#services/cli/record/labels.ts';
import { keepTraces, type TraceEntry } from '#services/cli/record/manifest.ts';
import { Phases } from '#services/cli/record/phases.ts';
import { Share } from '#services/cli/record/share.ts';
import { Tape } from '#services/cli/record/tape.ts';

const POWER = gaugeOrdinal('gpu', 'gpu_power_watts');
const CPU = gaugeOrdinal('host', 'cpu_utilization_ratio');

function entities(cpu: number, ...watts: readonly number[]) {
  const host = emptyRow('host');
  host.gauges[CPU] = cpu;
  const gpus = watts.map((value, index) => {
    const gpu = emptyRow('gpu', index, `GPU-${index}`);
    gpu.gauges[POWER] = value;
    return gpu;
  });
  return [host, ...gpus];
}

test('every column is read back as the gauge that it was, and has the name that other traces use', () => {
  const columns = [...namedColumns('host'), ...namedColumns('gpu')];
  for (const { name, kind, ordinal } of columns)
    expect([name, traceColumn(name)]).toEqual([name, { kind, ordinal }]);
  const names = columns.map(({ name }) => name);
  expect(names).toContain('gpu_pcie_tx_bytes_per_second');
  expect(names).toContain('network_transmit_bytes_per_second');
  expect(new Set(names).size).toBe(names.length);
});

test('what was recorded comes back as frames of an agent, label by label', () => {
  const tape = new Tape();
  for (let second = 0; second < 20; second++) {
    tape.add(second, second < 10 ? '' : 'ai_training', entities(0.25, 300 + (second % 2), 100));
  }
  const [before, after] = traceFrames(parseCsv(tape.csv()));
  expect(before?.labels).toEqual(new Map([['', 20]]));
  expect(after?.labels).toEqual(new Map([['ai_training', 20]]));
  expect(after?.samples).toBe(10);
  expect(after?.entities.map(({ kind, index }) => `${kind}${index}`)).toEqual(['host0', 'gpu0', 'gpu1']);
  expect(after?.entities.slice(1).map(({ gauges }) => gauges[POWER])).toEqual([300.5, 100]);
  expect(after?.entities[0]?.gauges[CPU]).toBe(0.25);
});

test('what is kept is what `davylamp evaluate` reads', async () => {
  const tape = new Tape();
  for (let second = 0; second <= 200; second++)
    tape.add(second, second > 15 && second <= 195 ? 'pow_cpu' : '', entities(second > 1 ? 1 : 0.02));
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-record-'));
  try {
    const entry = { id: 'one', kind: 'node', file: 'node/one.csv.gz' } as TraceEntry;
    await keepTraces(folder, 'one', [{ entry, csv: tape.csv() }]);
    const [listed] = await listTraces(folder);
    const { result } = await evaluateTrace(folder, listed as ListedTrace);
    expect(result.labels.pow_cpu?.windows).toBe(3);
    expect(Object.keys(result.labels)).toEqual(['pow_cpu']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what was not measured is an empty cell, and a column that never was is left out', () => {
  const tape = new Tape();
  tape.add(0, '', entities(Number.NaN));
  tape.add(1, 'idle', entities(0.5));
  expect(tape.csv()).toBe('time_s,cpu_utilization_ratio,behaviour\n0.000,,\n1.000,0.5,idle\n');
  expect(tape.labels).toEqual({ '': 1, idle: 1 });
});

test('a GPU that goes missing leaves the rows of the others', () => {
  const tape = new Tape();
  tape.add(0, 'idle', entities(0.5, 70, 80));
  tape.add(1, 'idle', entities(0.5, 71));
  expect(tape.csv().split('\n').slice(1, -1)).toEqual([
    '0.000,0,0.5,70,idle',
    '0.000,1,0.5,80,idle',
    '1.000,0,0.5,71,idle',
  ]);
  expect(tape.lastOfGpus('gpu_power_watts')).toBe(71);
});

test('rows are labelled after the warm-up, for as long as was asked', () => {
  const phases = new Phases({ warmUp: 2, steady: 3, coolDown: 2 });
  const labelled = [0, 1, 2, 3, 4, 5, 6, 7].map((second) => phases.row(second, false));
  expect(labelled).toEqual([false, false, false, true, true, true, false, false]);
  expect(phases.phase).toBe('over');
  expect(phases.marks).toEqual({ start_s: 0, steady_s: 2, end_s: 5 });
});

test('work that ends by itself ends the labelled rows with it', () => {
  const phases = new Phases({ warmUp: 1, steady: 30, coolDown: 1 });
  const labelled = [0, 1, 2, 3, 4, 5].map((second) => phases.row(second, second >= 4));
  expect(labelled).toEqual([false, false, true, true, false, false]);
  expect([phases.phase, phases.marks]).toEqual(['over', { start_s: 0, steady_s: 1, end_s: 4 }]);
});

test('work that ends in the warm-up has no labelled row', () => {
  const phases = new Phases({ warmUp: 5, steady: 30, coolDown: 0 });
  expect([0, 1, 2].map((second) => phases.row(second, second >= 2))).toEqual([false, false, false]);
  expect([phases.phase, phases.marks]).toEqual(['over', { start_s: 0, steady_s: null, end_s: 2 }]);
});

test('the processor time of a command is that of everything below it', () => {
  const line = (pid: number, name: string, parent: number, ticks: readonly number[]) =>
    parseProcessTime(`${pid} (${name}) S ${parent} 7 7 0 -1 4194304 1 2 3 4 ${ticks.join(' ')} 20 0 1 0`);
  const all = [
    line(7, 'sh', 1, [100, 0, 50, 0]),
    line(8, 'a) b (c', 7, [30, 20, 0, 0]),
    line(9, 'd', 8, [0, 0, 5, 5]),
  ];
  expect(all[1]).toEqual({ pid: 8, parent: 7, seconds: 0.5 });
  expect(treeSeconds(7, all)).toBeCloseTo(2.1);
  expect(treeSeconds(8, all)).toBeCloseTo(0.6);
  expect(treeSeconds(99, all)).toBe(0);
});

test('the share of a command is its processor time between the first labelled row and the last', () => {
  const share = new Share(2);
  share.end(() => 5, 3);
  expect(share.ratio).toBeUndefined();
  share.begin(() => 10, 4);
  share.begin(() => 11, 5);
  share.end(() => 16, 8);
  share.end(() => 99, 9);
  expect(share.ratio).toBe(0.75);
});

function connection(
  cookie: number,
  port: number,
  bytesUp: number,
  bytesDown: number,
  local = false,
): TcpConnection {
  return { cookie, remote: `7f000001${port.toString(16).padStart(4, '0')}`, local, bytesUp, bytesDown };
}

test('bytes count from the first look on, and a connection keeps its name', () => {
  const connections = new Connections();
  expect(connections.look([connection(1, 443, 5_000, 9_000)])).toEqual([]);
  expect(connections.look([connection(1, 443, 5_100, 9_000), connection(2, 3333, 60, 70)])).toEqual([
    { flow: 'f0', remotePort: 443, up: 100, down: 0 },
    { flow: 'f1', remotePort: 3333, up: 60, down: 70 },
  ]);
  expect(connections.look([connection(2, 3333, 60, 71)])).toEqual([
    { flow: 'f1', remotePort: 3333, up: 0, down: 1 },
  ]);
});

test('of a connection inside the machine the end of the caller is kept', () => {
  const connections = new Connections(32_768);
  connections.look([]);
  const moved = connections.look([connection(1, 3333, 10, 20, true), connection(2, 40_000, 20, 10, true)]);
  expect(moved).toEqual([{ flow: 'f0', remotePort: 3333, up: 10, down: 20 }]);
});

test('flows are rows of one second and direction, labelled by their port', () => {
  const tape = new FlowTape('all', new Map([[3333, 'pool_session']]));
  tape.add(7, [
    { flow: 'f0', remotePort: 3333, up: 120, down: 60 },
    { flow: 'f1', remotePort: 443, up: 0, down: 9 },
  ]);
  expect(tape.csv().split('\n')).toEqual([
    'time_s,flow,direction,remote_port,payload_bytes,behaviour',
    '7.000,f0,up,3333,120,pool_session',
    '7.000,f0,down,3333,60,pool_session',
    '7.000,f1,down,443,9,',
    '',
  ]);
  expect(tape.labels).toEqual({ pool_session: 2, '': 1 });
});

test.each([
  ['labelled', 1],
  ['none', 0],
] as const)('of flows only %s are kept where it is asked', (choice, rows) => {
  const tape = new FlowTape(choice, new Map([[3333, 'pool_session']]));
  tape.add(1, [
    { flow: 'f0', remotePort: 3333, up: 1, down: 0 },
    { flow: 'f1', remotePort: 443, up: 1, down: 0 },
  ]);
  expect(tape.rows).toBe(rows);
});

test('a label that nobody knows is refused with those there are', () => {
  expect(() => nodeLabel('pow_cup')).toThrow(/expected one of idle, .*pow_cpu/);
  expect(() => flowLabel('3333')).toThrow(/PORT=LABEL/);
  expect(() => flowLabel('70000=ordinary')).toThrow(/PORT=LABEL/);
  expect(() => flowLabel('443=web')).toThrow(/expected one of pool_session/);
  expect(flowLabel('443=ordinary', new Map([[3333, 'pool_session']]))).toEqual(
    new Map([
      [3333, 'pool_session'],
      [443, 'ordinary'],
    ]),
  );
});
