import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { traceFrames } from '#libs/traces/recording/node-trace.ts';
import { parseCsv } from '#libs/traces/recording/parse-csv.ts';
import type { TraceEntry } from '#services/cli/record/manifest.ts';
import { type Recording, record } from '#services/cli/record/run.ts';
import { eventually } from '#test/support/eventually.ts';
import { loadNvmlStub } from '#test/support/nvml-stub.ts';

const NO_GPUS = { nvmlLibrary: '/no/such/library', nvidiaSmi: '/no/such/program' };
const NEVER = new AbortController().signal;
const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'davylamp-record-'));
  roots.push(root);
  return root;
}

function recording(out: string, change: Partial<Recording> = {}): Recording {
  return {
    id: 'one',
    out,
    label: 'hpc',
    hz: 1,
    lengths: { warmUp: 1, steady: 2, coolDown: 0 },
    command: [],
    flows: 'none',
    flowLabels: new Map(),
    replace: false,
    note: 'a test',
    licence: 'none stated',
    ...change,
  };
}

function listed(out: string): TraceEntry[] {
  return JSON.parse(readFileSync(join(out, 'traces.json'), 'utf8')) as TraceEntry[];
}

function table(out: string, { file }: TraceEntry) {
  return parseCsv(gunzipSync(readFileSync(join(out, file))).toString());
}

/** What has ended and waits for its parent does not run. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

async function listenBelow(server: Server, limit: number): Promise<number> {
  for (let port = limit - 1; ; port--) {
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

test.concurrent('a command is recorded while it runs, ended as a whole, and read back as an agent would send it', async () => {
  const out = folder();
  const pidFile = join(out, 'pid');
  const command = ['sh', '-c', `sleep 600 & echo $! > ${pidFile}; wait`];
  let rows = 0;
  const entries = await record(recording(out, { command }), NO_GPUS, NEVER, () => rows++);
  expect(listed(out)).toEqual(entries);
  const [entry] = entries as [TraceEntry];
  expect(entry).toMatchObject({
    kind: 'node',
    rows: 4,
    labels: { '': 2, hpc: 2 },
    interval_ms: 1000,
    ended: 'complete',
  });
  expect(entry.marks).toEqual({ start_s: 0, steady_s: 1, end_s: 3 });
  // It only waits.
  expect(entry.command_cpu_ratio).toBe(0);
  expect(rows).toBe(4);
  const own = table(out, entry);
  expect([...own.number('time_s')]).toEqual([0, 1, 2, 3]);
  expect(own.text('behaviour')).toEqual(['', '', 'hpc', 'hpc']);
  const [frame] = traceFrames(own);
  const cpu = frame?.entities[0]?.gauges[gaugeOrdinal('host', 'cpu_utilization_ratio')];
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThanOrEqual(1);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await eventually(
    'the end of what the command started',
    async () => isRunning(pid),
    (running) => !running,
    5_000,
  );
});

test.concurrent('an interruption keeps what was recorded, and marks it', async () => {
  const out = folder();
  const abort = new AbortController();
  let rows = 0;
  const onRow = () => void (++rows === 3 && abort.abort());
  const wanted = recording(out, { lengths: { warmUp: 0, steady: 600, coolDown: 60 } });
  const [entry] = (await record(wanted, NO_GPUS, abort.signal, onRow)) as [TraceEntry];
  expect(entry).toMatchObject({ ended: 'interrupted', labels: { hpc: 2 } });
  expect(table(out, entry).rows).toBe(entry.rows);
});

test.concurrent('a command that fails before a row could be labelled leaves nothing, and says why', async () => {
  const out = folder();
  const command = ['sh', '-c', 'echo no such model >&2; exit 3'];
  await expect(record(recording(out, { command }), NO_GPUS, NEVER)).rejects.toMatchObject({
    code: 'DAVYLAMP_CONFLICT',
    message: expect.stringMatching(/sh ended with status 3: no such model/),
  });
  expect(existsSync(join(out, 'traces.json'))).toBe(false);
});

test.concurrent('a command that fails later keeps the rows until then, and marks it', async () => {
  const out = folder();
  const wanted = recording(out, {
    command: ['sh', '-c', 'sleep 2.5; exit 4'],
    lengths: { warmUp: 0, steady: 60, coolDown: 1 },
  });
  const [entry] = (await record(wanted, NO_GPUS, NEVER)) as [TraceEntry];
  expect(entry.ended).toMatch(/^command failed: sh ended with status 4/);
  expect(entry.labels.hpc).toBeLessThan(4);
});

test.concurrent('a program that is not there is refused', async () => {
  const wanted = recording(folder(), { command: ['no-such-program'] });
  await expect(record(wanted, NO_GPUS, NEVER)).rejects.toMatchObject({ code: 'DAVYLAMP_NOT_FOUND' });
});

test('an id that is taken is refused before anything is recorded, unless it is to be replaced', async () => {
  const out = folder();
  writeFileSync(
    join(out, 'traces.json'),
    JSON.stringify([{ id: 'one' }, { id: 'one-flows', with: 'one' }, { id: 'two', own: 1 }]),
  );
  const started = performance.now();
  await expect(record(recording(out), NO_GPUS, NEVER)).rejects.toMatchObject({ code: 'DAVYLAMP_CONFLICT' });
  expect(performance.now() - started).toBeLessThan(900);
  await record(
    recording(out, { replace: true, lengths: { warmUp: 0, steady: 1, coolDown: 0 } }),
    NO_GPUS,
    NEVER,
  );
  expect(listed(out).map(({ id }) => id)).toEqual(['two', 'one']);
  expect(listed(out)[0]).toEqual({ id: 'two', own: 1 });
});

test('a list that cannot be read is left alone', async () => {
  const out = folder();
  writeFileSync(join(out, 'traces.json'), '{"traces": 1}');
  await expect(record(recording(out), NO_GPUS, NEVER)).rejects.toMatchObject({ code: 'DAVYLAMP_CONFIG' });
  expect(readFileSync(join(out, 'traces.json'), 'utf8')).toBe('{"traces": 1}');
});

test('a place where no folder can be made is refused', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  await expect(record(recording(join(file, 'traces')), NO_GPUS, NEVER)).rejects.toMatchObject({
    code: 'DAVYLAMP_CONFIG',
    message: expect.stringMatching(/expected a folder that can be written/),
  });
});

test('connections are a trace of their own, listed beside that of the node', async () => {
  const out = folder();
  const server = createServer((socket) => socket.pipe(socket));
  // Below the ports that the kernel hands out: the caller's end is the one kept.
  const port = await listenBelow(server, 32_768);
  const caller = connect(port, '127.0.0.1');
  await once(caller, 'connect');
  const timer = setInterval(() => caller.write('x'.repeat(50)), 100);
  const flowLabels = new Map([[port, 'pool_session']]);
  const entries = await record(recording(out, { flows: 'labelled', flowLabels }), NO_GPUS, NEVER);
  clearInterval(timer);
  caller.destroy();
  server.close();
  const [node, flows] = entries as [TraceEntry, TraceEntry];
  expect(flows).toMatchObject({ id: 'one-flows', with: node.id, kind: 'flow', interval_ms: 1000 });
  const own = table(out, flows);
  expect(new Set(own.text('behaviour'))).toEqual(new Set(['pool_session']));
  expect(new Set(own.number('remote_port'))).toEqual(new Set([port]));
  const bytes = own.number('payload_bytes').reduce((sum, one) => sum + one, 0);
  expect(bytes % 50).toBe(0);
  expect(bytes).toBeGreaterThan(1_000);
});

test('GPUs are recorded ten times a second, the host then not at all', async () => {
  const out = folder();
  using stub = loadNvmlStub();
  stub.set('power.0', 250_000);
  const gpus = { nvmlLibrary: stub.path, nvidiaSmi: '' };
  const wanted = recording(out, {
    label: 'ai_training',
    hz: 10,
    lengths: { warmUp: 0.5, steady: 1, coolDown: 0 },
  });
  const [entry] = (await record(wanted, gpus, NEVER)) as [TraceEntry];
  const own = table(out, entry);
  const devices = new Set(own.number('gpu')).size;
  expect(devices).toBeGreaterThan(0);
  expect(entry.interval_ms).toBe(100);
  // A busy machine misses some of the ten.
  expect(entry.labels.ai_training).toBeGreaterThan(4 * devices);
  expect(entry.labels.ai_training).toBeLessThanOrEqual(10 * devices);
  expect(own.names).toContain('gpu_power_watts');
  expect(own.names).not.toContain('cpu_utilization_ratio');
  expect(own.number('gpu_power_watts')[0]).toBe(250);
});

test('ten times a second needs NVML', async () => {
  await expect(record(recording(folder(), { hz: 10 }), NO_GPUS, NEVER)).rejects.toMatchObject({
    code: 'DAVYLAMP_SOURCE_ABSENT',
    message: expect.stringMatching(/--hz 10: expected GPUs by NVML/),
  });
});
