import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { NvmlCollector } from '#services/agent/collect/gpu/nvml.ts';
import { Gathering } from '#services/agent/gathering.ts';
import { createGateway, type Gateway } from '#services/gateway/app.ts';
import { credentialHash, newCredential } from '#services/gateway/credential.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { buildNvmlStub } from '#test/support/nvml-stub.ts';

const NODE = 'bench';
const GPU_NODE = 'bench-gpus';
const SAMPLES_PER_FRAME = 10;
const BUNDLE = 'bundle';
const WARM_UP_FRAMES = 100;
const MEASURED_FRAMES = 500;
/** Past the moment at which an agent lets go of what only its start needed. */
const WARM_UP_MS = 40_000;
/** USER_HZ, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const NODE_EXPORTER = '/usr/bin/prometheus-node-exporter';
const COLLECTD = '/usr/sbin/collectd';

/** What a process costs. */
export interface Cost {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
  /** Of that, memory of its own: without the pages of files. */
  readonly rssAnonBytes: number;
}

export interface AgentBench extends Cost {
  readonly seconds: number;
  /** Taken by the gateway in that time, of both agents. */
  readonly frames: number;
  readonly bytesPerFrame: number;
  /** Another agent, beside the first, with eight Hopper GPUs whose NVML is a stub. */
  readonly withGpus: GpuCost;
  /** Scraped once a second; null: not installed. */
  readonly nodeExporter: Cost | null;
  /** cpu, memory, disk, interface and load once a second, written nowhere; null: not installed. */
  readonly collectd: Cost | null;
}

export interface GpuCost extends Cost {
  readonly bytesPerFrame: number;
  /** Of this process, warm, for one sample of all eight with a tenth of what is read once a frame. */
  readonly microsecondsPerSample: number;
  /** Of these, inside calls of the stub, and FFI; a real driver takes its own time. */
  readonly nvmlMicrosecondsPerSample: number;
}

/**
 * The bundled agent as a process of its own, at 1 Hz, sending to a gateway of this process over TLS; beside it, in the same
 * seconds, Prometheus' node exporter and collectd. Real sources of this machine: what it lacks costs nothing here.
 */
export async function benchAgent(seconds = 60): Promise<AgentBench> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-bench-agent-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const bundler = join(import.meta.dirname, '../../deploy/bundle.ts');
  execFileSync(process.execPath, [bundler, join(folder, BUNDLE)]);
  const { gateway, enrol, counters, bus } = await startGateway(folder, stack);
  const agent = keep(startAgent(folder, gateway, NODE, await enrol(NODE), {}), stack);
  const nvmlLibrary = buildNvmlStub(folder);
  const gpus = { DAVYLAMP_NVML_LIBRARY: nvmlLibrary };
  const gpuAgent = keep(startAgent(folder, gateway, GPU_NODE, await enrol(GPU_NODE), gpus), stack);
  const exporter = await startNodeExporter(stack);
  const collectd = startCollectd(folder, stack);

  await sleep(WARM_UP_MS);
  const processes = [agent, gpuAgent, exporter, collectd];
  const framesBefore = counters.value('gateway_frames_total');
  const before = processes.map((each) => (each ? cpuSeconds(each) : 0));
  const startMs = performance.now();
  await sleep(seconds * 1_000);
  const elapsed = (performance.now() - startMs) / 1_000;
  const [own, withGpus, ...others] = processes.map((each, i) =>
    each ? costOf(each, before[i] ?? 0, elapsed) : null,
  );
  const frames = counters.value('gateway_frames_total') - framesBefore;
  if (!(own && withGpus) || frames < 2 * (Math.floor(seconds / 10) - 1)) {
    throw new Error(`the gateway took ${frames} frames in ${seconds} s: expected two in 10 s`);
  }
  return {
    ...own,
    seconds,
    frames,
    bytesPerFrame: await meanBytes(bus, NODE),
    withGpus: { ...withGpus, bytesPerFrame: await meanBytes(bus, GPU_NODE), ...sampleTimes(nvmlLibrary) },
    nodeExporter: others[0] ?? null,
    collectd: others[1] ?? null,
  };
}

async function startGateway(dataDir: string, stack: AsyncDisposableStack) {
  const bus = stack.adopt(createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 4 }), (it) =>
    it.close(),
  );
  await bus.ensure([TOPICS.frames]);
  const ledger = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
  await ledger.migrate();
  const enrol = async (node: string): Promise<string> => {
    const credential = newCredential(node);
    const hash = credentialHash(credential);
    const record = { tenant: null, hardware: null, publicKey: null, enrolled: false, firstSeenMs: 0 };
    await ledger.nodes.enrol({
      ...record,
      decommissionedMs: null,
      node,
      site: 'local',
      credentialHash: hash,
    });
    return credential;
  };
  const counters = createCounters();
  const settings = { dataDir, gatewayHost: '127.0.0.1', gatewayPort: 0, gatewayNames: ['127.0.0.1'] };
  const around = { counters, log: createLogger('gateway', 'warn') };
  const gateway = createGateway({ bus, ledger }, { ...settings, gatewayConcurrency: 8 }, around);
  stack.defer(() => gateway.stop());
  await gateway.start();
  return { gateway, enrol, counters, bus };
}

function startAgent(
  folder: string,
  gateway: Gateway,
  node: string,
  credential: string,
  more: Readonly<Record<string, string>>,
): ChildProcess {
  const settings = {
    DAVYLAMP_NODE: node,
    DAVYLAMP_STATE_DIR: join(folder, node),
    DAVYLAMP_OUTLET: 'gateway',
    DAVYLAMP_GATEWAY_URL: `https://127.0.0.1:${gateway.port}`,
    DAVYLAMP_GATEWAY_CREDENTIAL: credential,
    DAVYLAMP_GATEWAY_FINGERPRINT: gateway.fingerprint,
    DAVYLAMP_LOG_LEVEL: 'warn',
    ...more,
  };
  return spawn(process.execPath, [join(folder, BUNDLE, 'agent.mjs')], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: 'inherit',
  });
}

async function startNodeExporter(stack: AsyncDisposableStack): Promise<ChildProcess | null> {
  if (!existsSync(NODE_EXPORTER)) return null;
  const [port] = await freePorts(1);
  const exporter = keep(
    spawn(NODE_EXPORTER, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' }),
    stack,
  );
  const scrape = () => void fetch(`http://127.0.0.1:${port}/metrics`).then((reply) => reply.text(), String);
  const timer = setInterval(scrape, 1_000);
  stack.defer(() => clearInterval(timer));
  return exporter;
}

function startCollectd(folder: string, stack: AsyncDisposableStack): ChildProcess | null {
  if (!existsSync(COLLECTD)) return null;
  const plugins = ['cpu', 'memory', 'disk', 'interface', 'load'].map((name) => `LoadPlugin ${name}`);
  const path = join(folder, 'collectd.conf');
  writeFileSync(
    path,
    ['Interval 1', `BaseDir "${folder}"`, `PIDFile "${folder}/collectd.pid"`, ...plugins, ''].join('\n'),
  );
  return keep(spawn(COLLECTD, ['-f', '-C', path], { stdio: 'ignore' }), stack);
}

function keep(child: ChildProcess, stack: AsyncDisposableStack): ChildProcess {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  stack.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return child;
}

function costOf(child: ChildProcess, cpuBefore: number, seconds: number): Cost {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024;
  const cpuPercent = ((cpuSeconds(child) - cpuBefore) / seconds) * 100;
  return { cpuPercent, rssBytes: bytes('VmRSS'), rssAnonBytes: bytes('RssAnon') };
}

/** User and system time of all its threads. */
function cpuSeconds(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Takes samples of the stub's GPUs in this process. */
function sampleTimes(nvmlLibrary: string) {
  const counters = createCounters();
  const around = { counters, log: createLogger('agent', 'warn') };
  const nvml = new NvmlCollector(nvmlLibrary, { procRoot: '/proc', sysRoot: '/sys' }, around);
  const gathering = new Gathering();
  const take = (frames: number) => {
    for (let i = 0; i < frames * SAMPLES_PER_FRAME; i++) {
      nvml.sample(gathering, i);
      if (i % SAMPLES_PER_FRAME === SAMPLES_PER_FRAME - 1) nvml.report(gathering, i);
    }
  };
  take(WARM_UP_FRAMES);
  const nvmlBefore = counters.value('agent_nvml_seconds_total');
  const startMs = performance.now();
  take(MEASURED_FRAMES);
  const samples = MEASURED_FRAMES * SAMPLES_PER_FRAME;
  const ms = performance.now() - startMs;
  const nvmlSeconds = counters.value('agent_nvml_seconds_total') - nvmlBefore;
  nvml.close();
  if (!((gathering.take().entities[1]?.gauges[0] ?? 0) > 0)) throw new Error('expected the power of a GPU');
  return {
    microsecondsPerSample: (ms * 1_000) / samples,
    nvmlMicrosecondsPerSample: (nvmlSeconds * 1e6) / samples,
  };
}

async function meanBytes(bus: ReturnType<typeof createSqliteBus>, node: string): Promise<number> {
  let bytes = 0;
  let frames = 0;
  await bus.replay(TOPICS.frames.name, {}, async ({ records }) => {
    const own = records.filter(({ headers }) => Buffer.from(headers[HEADERS.node] ?? []).toString() === node);
    for (const { value } of own) bytes += value.length;
    frames += own.length;
  });
  return bytes / frames;
}
