import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeFrame } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { LoadOutcome } from '#services/cli/demo/load.ts';
import { LOAD_GPUS, LoadFleet, type LoadGpus } from '#services/cli/demo/load-fleet.ts';

const FLEETS = [100_000, 1_000_000];
const FRAMES = 2_000;
const ROUNDS = 7;
const run = promisify(execFile);

export interface LoadBench {
  readonly tiers: readonly LoadTier[];
  readonly fleets: readonly FleetCost[];
  /** What a further node costs, from the smaller fleet to the larger; both write a million frames. */
  readonly bytesPerNode: number;
}

/** Frames per second of CPU in this process, medians; the same frames by both. */
interface LoadTier {
  readonly gpus: LoadGpus;
  readonly frameBytes: number;
  readonly framesPerSecond: number;
  /** `encodeFrame` alone of the same frames. */
  readonly encodedPerSecond: number;
  /** The generator, with its chain and its seals, over the codec: above 1 it is faster than encoding alone. */
  readonly timesCodec: number;
}

/** A fleet written by the load command's own loop into a bus that keeps nothing, in a process of its own. */
interface FleetCost {
  readonly nodes: number;
  readonly framesPerCpuSecond: number;
  readonly rssBytes: number;
}

/** The load generator: what a frame costs beside encoding it, and what a node costs in memory. About 40 s. */
export async function benchLoad(): Promise<LoadBench> {
  const tiers = LOAD_GPUS.map(benchTier);
  const fleets: FleetCost[] = [];
  for (const nodes of FLEETS) fleets.push(await costOf(nodes));
  const [small, large] = fleets;
  assert.ok(small && large);
  const bytesPerNode = Math.round((large.rssBytes - small.rssBytes) / (large.nodes - small.nodes));
  return { tiers, fleets, bytesPerNode };
}

function benchTier(gpus: LoadGpus): LoadTier {
  const fleet = new LoadFleet({ nodes: FRAMES, gpus, seed: 1, beganMs: Date.UTC(2026, 10, 22) });
  const pass = () => Array.from({ length: FRAMES }, (_, index) => fleet.next(index).value);
  const payloads = pass();
  const frames = payloads.map((payload) => decodeFrame(payload).frame);
  frames.forEach((frame, i) => {
    assert.deepEqual(Buffer.from(encodeFrame(frame)), payloads[i]);
  });
  const made: number[] = [];
  const encoded: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const generator = perSecond(() => pass().length);
    const codec = perSecond(() =>
      frames.reduce((sum, frame) => sum + Number(encodeFrame(frame).length > 0), 0),
    );
    if (round < 0) continue;
    made.push(generator);
    encoded.push(codec);
  }
  const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
  return {
    gpus,
    frameBytes: Math.round(bytes / FRAMES),
    framesPerSecond: Math.round(median(made)),
    encodedPerSecond: Math.round(median(encoded)),
    timesCodec: Math.round((100 * median(made)) / median(encoded)) / 100,
  };
}

/** CPU time of this thread, not the clock. */
function perSecond(act: () => number): number {
  const before = process.threadCpuUsage();
  const count = act();
  const { user, system } = process.threadCpuUsage(before);
  return (count * 1e6) / (user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function costOf(nodes: number): Promise<FleetCost> {
  const child = fileURLToPath(new URL('./load-child.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [child, String(nodes), '0']);
  const { frames, bytes, framesPerCpuSecond, rssBytes } = JSON.parse(stdout) as LoadOutcome;
  assert.ok(frames >= nodes && bytes > frames * 100);
  return { nodes, framesPerCpuSecond: Math.round(framesPerCpuSecond), rssBytes };
}
