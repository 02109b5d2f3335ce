import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { type Counters, createCounters } from '#libs/runtime/counters.ts';
import { holdData } from '#libs/runtime/data-lock.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { createPlainLogger } from '#libs/runtime/plain-logger.ts';
import { makePrivateFolder } from '#libs/runtime/private-file.ts';
import { loadDemoConfig, type UpSettings } from '../config.ts';
import { startPipeline } from '../pipeline.ts';
import { type Fleet, makeFleet } from './fleet.ts';
import { isPortFree } from './free-port.ts';
import { Player } from './player.ts';
import { registerFleet } from './register.ts';

export interface DemoOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly speed: number;
  /** Hours of event time before now at which the story begins. */
  readonly hours: number;
  /** An empty folder; undefined: one of its own, removed at the end. */
  readonly dataDir?: string;
  readonly keep?: true;
}

export interface Demo {
  readonly console: string;
  /** Of the administrator; null: the data folder knows people already. */
  readonly password: string | null;
  readonly dataDir: string;
  /** The console's own port was taken. */
  readonly moved: boolean;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  /** Plays until the stack ends. @throws what the bus throws */
  play(stepped: (endMs: number) => void): Promise<void>;
  /** Frames that the detector has taken into a window. */
  frames(): number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/**
 * Two partitions carry 200 nodes, and every tick goes to each; the register is read as often as its changes should
 * show. The player writes the ticks. The story is told in full: every frame becomes a point. That nobody is to be told
 * of the alerts is meant so, and no warning.
 */
const SETTINGS = {
  DAVYLAMP_BUS_PARTITIONS: '2',
  DAVYLAMP_TICKER: 'off',
  DAVYLAMP_REGISTER_MS: '5000',
  DAVYLAMP_RESOLUTION: 'full',
  DAVYLAMP_LOG_LEVEL: 'error',
};
const FATES = ['taken', 'duplicate', 'late', 'scattered', 'clock', 'malformed'];

/** The whole pipeline in this process on the embedded column, with a simulated fleet. It ends with the stack. */
export async function startDemo(stack: AsyncDisposableStack, options: DemoOptions): Promise<Demo> {
  const dataDir = await dataFolder(stack, options);
  const { settings, moved } = await placed(loadDemoConfig({ ...SETTINGS, DAVYLAMP_DATA_DIR: dataDir }));
  stack.use(holdData(dataDir, 'pipeline'));
  const fleet = makeFleet(options.nodes, options.seed, beginning(options.hours));
  await enter(settings, fleet);
  const counters = createCounters();
  const log = createPlainLogger('davylamp', settings.logLevel, (line) => void process.stderr.write(line));
  const surroundings = { counters, log };
  const started = await startPipeline(stack, settings, { agent: false, gateway: false }, surroundings);
  const ending = new AbortController();
  return {
    console: started.console,
    password: started.password,
    dataDir,
    moved,
    fleet,
    ledger: started.ledger,
    frames: () => counters.value('detector_frames_total', { fate: 'taken' }),
    play(stepped) {
      const { bus } = started;
      const read = () => framesRead(counters);
      const player = new Player({ bus, fleet, speed: options.speed, read, stepped, signal: ending.signal });
      const played = player.play();
      stack.defer(async () => {
        ending.abort();
        await Promise.allSettled([played]);
      });
      return played;
    },
  };
}

async function dataFolder(stack: AsyncDisposableStack, { dataDir, keep }: DemoOptions): Promise<string> {
  if (dataDir !== undefined) return await emptyFolder(dataDir);
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-demo-'));
  if (!keep) stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Simulated data are never mixed with others, nor two stories with one another. @throws ConfigError */
async function emptyFolder(dataDir: string): Promise<string> {
  makePrivateFolder(dataDir);
  if ((await readdir(dataDir)).length === 0) return dataDir;
  throw new ConfigError(`${dataDir}: expected an empty folder for simulated data; name another, or none`);
}

/** The page where its settings want it, else on any free port: a pipeline may be running beside the demo. */
async function placed(settings: UpSettings): Promise<{ settings: UpSettings; moved: boolean }> {
  const { consoleHost, consolePort } = settings;
  const moved = consolePort !== 0 && !(await isPortFree(consoleHost, consolePort));
  return { settings: moved ? { ...settings, consolePort: 0 } : settings, moved };
}

/** On a whole minute, as meters report. */
function beginning(hours: number): number {
  return Math.floor((Date.now() - hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
}

/** Before the services start: to them the fleet has always been there. */
async function enter(settings: UpSettings, fleet: Fleet): Promise<void> {
  const ledger = openLedger(settings);
  try {
    await ledger.migrate();
    await registerFleet(ledger, fleet, Date.now());
  } finally {
    await ledger.close();
  }
}

function framesRead(counters: Counters): number {
  return FATES.reduce((sum, fate) => sum + counters.value('detector_frames_total', { fate }), 0);
}
