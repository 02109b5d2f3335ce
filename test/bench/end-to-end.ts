import { setTimeout as sleep } from 'node:timers/promises';
import { headerText } from '#libs/bus/header-text.ts';
import type { Bus } from '#libs/bus/port.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import type { Finding } from '#libs/model/finding.ts';
import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { lag } from '#test/support/drained.ts';
import { SimulatedNode, ticks } from '#test/support/fleet.ts';
import { readTopic } from '#test/support/points.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { distributedWorld, type Servers, type World } from '#test/support/world.ts';

/** Rates tried, entities a second, until one fails. The aim is 20,000, the floor 5,000. */
const RATES = [5_000, 10_000, 20_000, 30_000];
const GPUS = 8;
const ENTITIES = GPUS + 1;
/** A frame of every node a second: event time runs ten times as fast as the clock. */
const STEP_MS = 1_000;
/** A step is sent in so many slices, as a fleet's frames arrive spread over the interval. */
const SLICES = 10;
const QUIET_STEPS = 24;
const BUSY_STEPS = 42;
const BUSY_NODES = 240;
/** The onsets are spread over so many steps, so that findings fall into all parts of a window. */
const ONSET_STEPS = 12;
const TARGET_P99_MS = 2_000;

export interface EndToEndBench {
  /** The highest rate tried at which every finding came, p99 within two seconds. 0: none. */
  readonly entitiesPerSecond: number;
  readonly findingLatencyP99Ms: number;
  readonly rates: readonly RateResult[];
}

interface RateResult {
  readonly entitiesPerSecond: number;
  /** What was really sent: the generator shares the machine. */
  readonly sentPerSecond: number;
  readonly findings: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Messages that the writer had not committed when the last frame was out. */
  readonly writerBacklog: number;
}

/** Generator, servers and services on one machine; `adaptive` resolution; a node of eight GPUs is nine entities. */
export async function benchEndToEnd(servers: Servers): Promise<EndToEndBench> {
  const rates: RateResult[] = [];
  for (const rate of RATES) {
    const result = await measure(servers, rate);
    rates.push(result);
    if (!kept(result)) break;
  }
  const best = rates.filter(kept).at(-1);
  return {
    entitiesPerSecond: best?.entitiesPerSecond ?? 0,
    findingLatencyP99Ms: best?.p99Ms ?? Number.NaN,
    rates,
  };
}

function kept({ findings, p99Ms, sentPerSecond, entitiesPerSecond }: RateResult): boolean {
  return findings >= BUSY_NODES && p99Ms <= TARGET_P99_MS && sentPerSecond >= 0.95 * entitiesPerSecond;
}

async function measure(servers: Servers, rate: number): Promise<RateResult> {
  await using world = await distributedWorld(servers, {
    DAVYLAMP_RESOLUTION: 'adaptive',
    DAVYLAMP_TICKER: 'off',
    DAVYLAMP_LOG_LEVEL: 'error',
  });
  await world.bus.ensure(Object.values(TOPICS));
  const fleet = makeFleet(Math.round((rate * STEP_MS) / 1000 / ENTITIES));
  await declareFleet(world, fleet.names);
  await using stack = new AsyncDisposableStack();
  const services = ['writer', 'detector', 'alerter'].map((name) =>
    stack.use(new ServiceProcess(name, world.env).start()),
  );
  await sleep(5_000);
  const startedMs = performance.now();
  await send(world.bus, fleet);
  const seconds = (performance.now() - startedMs) / 1000;
  const writerBacklog = await lag(world.bus, 'writer', TOPICS.frames.name);
  await sleep(5_000);
  const latencies = await findingLatencies(world.bus);
  for (const service of services) await service.stop();
  return {
    entitiesPerSecond: rate,
    sentPerSecond: (fleet.nodes.length * ENTITIES * (QUIET_STEPS + BUSY_STEPS)) / seconds,
    findings: latencies.length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    writerBacklog,
  };
}

interface Fleet {
  readonly names: readonly string[];
  readonly nodes: readonly SimulatedNode[];
  readonly startMs: number;
}

function makeFleet(count: number): Fleet {
  const steps = QUIET_STEPS + BUSY_STEPS;
  const startMs = Math.floor((Date.now() - (steps + 30) * DEFAULT_INTERVAL_MS) / SUMMARY_MS) * SUMMARY_MS;
  const names = Array.from({ length: count }, (_, i) => `node-${i}`);
  const every = Math.floor(count / BUSY_NODES);
  const busyFrom = (i: number) => startMs + (QUIET_STEPS + ((i / every) % ONSET_STEPS)) * DEFAULT_INTERVAL_MS;
  const nodes = names.map((node, i) => {
    const isBusy = i % every === 0 && i / every < BUSY_NODES;
    return new SimulatedNode({
      node,
      site: `hall-${i % 4}`,
      gpus: GPUS,
      busyFromMs: isBusy ? busyFrom(i) : null,
      seed: i + 1,
    });
  });
  return { names, nodes, startMs };
}

async function declareFleet({ ledger }: World, nodes: readonly string[]): Promise<void> {
  await ledger.declarations.append({
    id: 'fleet',
    version: 1,
    tenant: 'bench',
    nodes,
    behaviours: ['B0'],
    envelope: [{ metric: 'cpu_utilization_ratio', min: null, max: 0.5 }],
    validFromMs: 0,
    validToMs: null,
    approver: 'the bench',
    recordedMs: 0,
  });
}

async function send(bus: Bus, { nodes, startMs }: Fleet): Promise<void> {
  const partitions = (await bus.offsets(TOPICS.frames.name)).length;
  const begunMs = performance.now();
  const pending: Promise<void>[] = [];
  for (let step = 0; step < QUIET_STEPS + BUSY_STEPS; step++) {
    const endMs = startMs + (step + 1) * DEFAULT_INTERVAL_MS;
    for (let slice = 0; slice < SLICES; slice++) {
      const part = nodes.slice((slice * nodes.length) / SLICES, ((slice + 1) * nodes.length) / SLICES);
      await Promise.all(pending.splice(0));
      pending.push(bus.publish(part.map((node) => node.message(endMs))));
      const dueMs = begunMs + (step + (slice + 1) / SLICES) * STEP_MS;
      await sleep(Math.max(0, dueMs - performance.now()));
    }
    pending.push(bus.publish(ticks(TOPICS.frames.name, partitions, endMs)));
  }
  await Promise.all(pending);
}

/**
 * From the broker's time of the frame that completes a finding to the broker's time of the finding. Completing is the
 * node's first frame after the window that opened it: with it the detector knows that the window is over.
 */
async function findingLatencies(bus: Bus): Promise<readonly number[]> {
  const opened = new Map<string, { readonly windowEndMs: number; readonly atMs: number }>();
  for (const record of await readTopic(bus, TOPICS.findings.name)) {
    const finding = JSON.parse(new TextDecoder().decode(record.value)) as Finding;
    const windowEndMs = finding.assessments.at(-1)?.windowEndMs;
    if (finding.kind === 'deviation' && windowEndMs !== undefined && !opened.has(finding.node)) {
      opened.set(finding.node, { windowEndMs, atMs: record.receivedMs });
    }
  }
  const latencies = new Map<string, number>();
  for (const record of await readTopic(bus, TOPICS.frames.name)) {
    const finding = opened.get(record.key);
    if (finding === undefined || latencies.has(record.key) || headerText(record, HEADERS.type) !== 'frame')
      continue;
    if (decodeFrame(record.value).frame.endMs > finding.windowEndMs)
      latencies.set(record.key, finding.atMs - record.receivedMs);
  }
  return [...latencies.values()];
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
