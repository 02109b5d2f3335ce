import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pidOf } from '#deploy/servers/control.ts';
import { influxdb1 } from '#deploy/servers/influxdb1.ts';
import type { Outgoing } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow } from '#libs/model/frame.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { type InfluxOptions, openInfluxSeries } from '#libs/series/influx.ts';
import { LineProtocol } from '#libs/series/line-protocol.ts';
import { createWriter } from '#services/writer/app.ts';
import { framePoints } from '#services/writer/frame-points.ts';
import { random } from '#test/support/random.ts';

const NODES = 100;
const GPUS = 8;
const FRAMES_PER_NODE = 100;
/** The store goes on for a while after its last answer. */
const SETTLE_MS = 1_500;
const LINES_PER_REQUEST = 500;

export interface WriterBench {
  /**
   * CPU of the writer from bus to acknowledgement (embedded bus and ledger included), over the CPU that the store
   * itself spends on the same points as prebuilt lines. Budget: at most 1/4.
   */
  readonly cpuOverStoreCpu: number;
  readonly writerMicrosecondsPerPoint: number;
  readonly storeMicrosecondsPerPoint: number;
  readonly points: number;
  readonly values: number;
}

export interface NotMeasured {
  readonly cpuOverStoreCpu: null;
  readonly reason: string;
}

/** On the InfluxDB 1.x that `npm run servers -- up` starts: nodes of 8 GPUs, every column, resolution `full`. */
export async function benchWriter(): Promise<WriterBench | NotMeasured> {
  const url = process.env.DAVYLAMP_TEST_INFLUX1;
  const pid = await pidOf(influxdb1);
  if (url === undefined || pid === undefined) {
    return { cpuOverStoreCpu: null, reason: 'no InfluxDB 1.x: npm run servers -- up influxdb1' };
  }
  await using stack = new AsyncDisposableStack();
  const options: InfluxOptions = {
    url,
    api: 'v1',
    database: `bench-${randomUUID()}`,
    org: '',
    retentionDays: 0,
    timeoutMs: 60_000,
  };
  stack.defer(() => dropDatabase(options));
  const frames = fleet();
  await runWriter(frames.slice(0, 10 * NODES), { ...options, database: `${options.database}-warm` });
  await dropDatabase({ ...options, database: `${options.database}-warm` });
  const writerSeconds = await runWriter(frames, options);
  const lines = prebuilt(frames);
  const storeSeconds = await storeCpu(pid, lines, options);
  return {
    cpuOverStoreCpu: writerSeconds / storeSeconds,
    writerMicrosecondsPerPoint: (writerSeconds / lines.length) * 1e6,
    storeMicrosecondsPerPoint: (storeSeconds / lines.length) * 1e6,
    points: lines.length,
    values: lines.reduce((sum, line) => sum + line.split('=').length - 3, 0),
  };
}

/** CPU seconds of this process while a writer stores all frames. */
async function runWriter(frames: readonly Outgoing[], options: InfluxOptions): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true }));
  const bus = stack.adopt(createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 4 }), (it) =>
    it.close(),
  );
  const series = stack.adopt(openInfluxSeries(options), (it) => it.close());
  const ledger = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
  await ledger.migrate();
  await bus.ensure([TOPICS.frames]);
  await bus.publish(frames);
  const counters = createCounters();
  const writer = createWriter(
    { bus, series, ledger },
    {
      resolution: 'full',
      writerFlushPoints: 5_000,
      writerFlushMs: 200,
      writerBackfillHours: 24,
      writerResolutionPollMs: 5_000,
      assessmentRetentionDays: 0,
    },
    { counters, log: createLogger('bench', 'silent') },
  );
  const before = process.cpuUsage();
  await writer.start();
  while (counters.value('writer_sent_total', { topic: 'frames' }) < frames.length) await sleep(20);
  await writer.stop();
  const { user, system } = process.cpuUsage(before);
  const stored = counters.value('writer_points_stored_total');
  if (stored !== frames.length * (GPUS + 1)) throw new Error(`the bench stored ${stored} points`);
  return (user + system) / 1e6;
}

/** CPU seconds of the server for the same points as prebuilt lines, in a database of their own. */
async function storeCpu(pid: number, lines: readonly string[], options: InfluxOptions): Promise<number> {
  const database = `${options.database}-lines`;
  const series = openInfluxSeries({ ...options, database });
  await series.prepare();
  await series.close();
  await sleep(SETTLE_MS);
  const before = await cpuSecondsOf(pid);
  const target = `${options.url}/write?db=${database}&precision=ms`;
  for (let from = 0; from < lines.length; from += LINES_PER_REQUEST) {
    const body = lines.slice(from, from + LINES_PER_REQUEST).join('\n');
    const { status } = await fetch(target, { method: 'POST', body });
    if (status !== 204) throw new Error(`the bench's lines were answered ${status}`);
  }
  await sleep(SETTLE_MS);
  const seconds = (await cpuSecondsOf(pid)) - before;
  await dropDatabase({ ...options, database });
  return seconds;
}

/** User and system time of a process, from `/proc/<pid>/stat` (in hundredths of a second). */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function dropDatabase({ url, database }: InfluxOptions): Promise<void> {
  await fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({ q: `DROP DATABASE "${database}"` }),
  });
}

function prebuilt(frames: readonly Outgoing[]): readonly string[] {
  const decoder = new FrameDecoder();
  const protocol = new LineProtocol();
  return frames.flatMap(({ value }) =>
    framePoints(decoder.decode(value), 'frame', 'all').map((point) => {
      protocol.append(point);
      return protocol.take().trimEnd();
    }),
  );
}

/** Seeded frames with a plausible value in every column. */
function fleet(): readonly Outgoing[] {
  const next = random(1);
  const startMs = Math.floor(Date.now() / 10_000) * 10_000 - FRAMES_PER_NODE * 10_000;
  return Array.from({ length: FRAMES_PER_NODE * NODES }, (_, i) => {
    const node = `node-${i % NODES}`;
    const sequence = Math.floor(i / NODES) + 1;
    const boot = String(i % NODES).padStart(32, '0');
    const value = encodeFrame({
      node,
      site: 'bench',
      boot,
      sequence,
      endMs: startMs + sequence * 10_000,
      intervalMs: 10_000,
      samples: 10,
      previous: new Uint8Array(32),
      entities: [filled(emptyRow('host'), next), ...gpus(next)],
      flows: [],
      groups: [],
      covers: [],
    });
    const headers = { type: 'frame', node, boot, seq: String(sequence) };
    return { topic: TOPICS.frames.name, key: node, value, headers };
  });
}

const gpus = (next: () => number): readonly EntityRow[] =>
  Array.from({ length: GPUS }, (_, index) => filled(emptyRow('gpu', index, `GPU-${index}`), next));

function filled(row: EntityRow, next: () => number): EntityRow {
  const { gauges, counters } = LAYOUTS[row.kind];
  gauges.forEach(({ metric }, i) => {
    row.gauges[i] = next() * Math.min(metric.plausible[1], 1e6);
  });
  counters.forEach((_, i) => {
    row.counters[i] = Math.floor(next() * 1e12);
  });
  return row;
}

if (import.meta.main) console.log(await benchWriter());
