import assert from 'node:assert/strict';
import process from 'node:process';
import { fromBinary } from '@bufbuild/protobuf';
import { generateKeys } from '#libs/evidence/keys.ts';
import { digestOf, isSealed, sealDigest } from '#libs/evidence/seal.ts';
import { decodeFrame, FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, type Frame } from '#libs/model/frame.ts';
import { FrameSchema } from '#test/support/generated/frame_pb.ts';
import { random } from '#test/support/random.ts';

/** More nodes than fit the inner caches, as in a partition. */
const NODES = 1_000;
const VALUES = 32;
const ROUNDS = 9;
const ROUND_SECONDS = 0.05;

/** Nanoseconds of this thread's CPU for one call. */
export interface Cost {
  readonly minNs: number;
  readonly medianNs: number;
}

export interface CodecTier {
  readonly name: string;
  readonly rowsPerFrame: number;
  readonly frameBytes: number;
  readonly jsonBytes: number;
  /** Frame bytes to row by `FrameDecoder`, median and best round. */
  readonly rowsPerSecond: number;
  readonly bestRowsPerSecond: number;
  /** Times as many rows as `JSON.parse` of the same values, and as the generated decoder, in the same rounds. */
  readonly timesJson: number;
  readonly timesGenerated: number;
  /** `decodeFrame`, with objects of its own. */
  readonly objectRowsPerSecond: number;
  readonly encodeRowsPerSecond: number;
}

export interface CodecBench {
  /** Of the hosts: the figure that the budget names. */
  readonly rowsPerSecond: number;
  readonly tiers: readonly CodecTier[];
  readonly evidence: { readonly hash: Cost; readonly sign: Cost; readonly verify: Cost };
}

/** Results end here, so that no call can be optimised away. */
let sink = 0;

/** Seeded, about 30 s; asserts that all codecs read the same values before it measures. */
export async function benchCodec(): Promise<CodecBench> {
  const hosts = benchTier('host', (next) => [fullRow(emptyRow('host'), next)]);
  const nodes = benchTier('node of 8 GPUs', (next, node) => [
    fullRow(emptyRow('host'), next),
    ...Array.from({ length: 8 }, (_, i) => fullRow(emptyRow('gpu', i, gpuId(node, i)), next)),
  ]);
  return { rowsPerSecond: hosts.rowsPerSecond, tiers: [hosts, nodes], evidence: benchEvidence() };
}

/** 32 values: 28 gauges and 4 counters of a host, 31 and 1 of a GPU. */
function fullRow(row: EntityRow, next: () => number): EntityRow {
  const counters = row.kind === 'host' ? 4 : 1;
  for (let i = 0; i < VALUES - counters; i++) row.gauges[i] = next();
  for (let i = 0; i < counters; i++) row.counters[i] = Math.floor(next() * 1e12);
  return row;
}

function gpuId(node: number, index: number): string {
  return `GPU-${node.toString(16).padStart(8, '0')}-ab12-cd34-ef56-00000000000${index}`;
}

function benchTier(name: string, entities: (next: () => number, node: number) => EntityRow[]): CodecTier {
  const next = random(20_261_122);
  const frames = Array.from({ length: NODES }, (_, node) => frameOf(node, entities(next, node)));
  const payloads = frames.map(encodeFrame);
  const texts = frames.map((frame) => Buffer.from(jsonOf(frame)));
  const decoder = new FrameDecoder();
  assertAlike(frames, payloads, texts);
  const costs = measure([
    over(payloads, (payload) => decoder.decode(payload).gauges[3] ?? 0),
    over(payloads, (payload) => fromBinary(FrameSchema, payload).entities[0]?.gauges[3] ?? 0),
    over(texts, (text) => JSON.parse(text.toString()).entities.length),
    over(payloads, (payload) => decodeFrame(payload).frame.entities.length),
    over(frames, (frame) => encodeFrame(frame).length),
  ]);
  const [ours, generated, json, objects, encoding] = costs.map(({ medianNs }) => medianNs);
  const rowsPerFrame = frames[0]?.entities.length ?? 0;
  const rate = (ns = Number.NaN) => Math.round((rowsPerFrame * 1e9) / ns);
  return {
    name,
    rowsPerFrame,
    frameBytes: payloads[0]?.length ?? 0,
    jsonBytes: texts[0]?.length ?? 0,
    rowsPerSecond: rate(ours),
    bestRowsPerSecond: rate(costs[0]?.minNs),
    timesJson: ratio(json, ours),
    timesGenerated: ratio(generated, ours),
    objectRowsPerSecond: rate(objects),
    encodeRowsPerSecond: rate(encoding),
  };
}

function frameOf(node: number, entities: readonly EntityRow[]): Frame {
  return {
    node: `node-${node}.hall-3`,
    site: 'park-a',
    boot: (node * 2_654_435_761).toString(16).padStart(32, '5'),
    sequence: 100_000 + node,
    endMs: 1_790_000_000_000 + node,
    intervalMs: 10_000,
    samples: 10,
    previous: Uint8Array.from(digestOf(Buffer.from(String(node)))),
    entities,
    flows: [],
    groups: [],
    covers: [],
  };
}

/** Only the values that are there, in order, as a frugal JSON protocol would send them. */
function jsonOf(frame: Frame): string {
  return JSON.stringify({
    ...frame,
    previous: Buffer.from(frame.previous).toString('hex'),
    entities: frame.entities.map((row) => ({
      ...row,
      gauges: [...row.gauges].filter((value) => !Number.isNaN(value)),
      counters: [...row.counters].filter((value) => !Number.isNaN(value)),
    })),
  });
}

function assertAlike(
  frames: readonly Frame[],
  payloads: readonly Uint8Array[],
  texts: readonly Buffer[],
): void {
  frames.forEach((frame, i) => {
    const payload = payloads[i] ?? new Uint8Array();
    assert.deepEqual(decodeFrame(payload), { frame, faulty: [] });
    const values = frame.entities.map((row) => [...row.gauges].filter((value) => !Number.isNaN(value)));
    assert.deepEqual(
      fromBinary(FrameSchema, payload).entities.map(({ gauges }) => gauges),
      values,
    );
    const parsed: { entities: { gauges: number[] }[] } = JSON.parse((texts[i] ?? '').toString());
    assert.deepEqual(
      parsed.entities.map(({ gauges }) => gauges),
      values,
    );
  });
}

/** A pass over all items, and how many calls that is. */
interface Pass {
  readonly run: () => void;
  readonly calls: number;
}

function over<T>(items: readonly T[], act: (item: T) => number): Pass {
  return {
    run: () => {
      for (const item of items) sink += act(item);
    },
    calls: items.length,
  };
}

/** All passes in every round, the order turned by one each time, after a warm-up of one round. */
function measure(passes: readonly Pass[]): Cost[] {
  const samples: number[][] = passes.map(() => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (let i = 0; i < passes.length; i++) {
      const which = (i + round + passes.length) % passes.length;
      const ns = nsPerCall(passes[which]);
      if (round >= 0) samples[which]?.push(ns);
    }
  }
  assert.ok(Number.isFinite(sink));
  return samples.map((costs) => {
    const sorted = costs.toSorted((a, b) => a - b);
    return { minNs: sorted[0] ?? Number.NaN, medianNs: sorted[sorted.length >> 1] ?? Number.NaN };
  });
}

/** CPU time of this thread, not the clock: other work on the machine then costs cache, but not time. */
function nsPerCall(pass: Pass | undefined): number {
  if (pass === undefined) return Number.NaN;
  let calls = 0;
  let usedNs = 0;
  const before = process.threadCpuUsage();
  do {
    pass.run();
    calls += pass.calls;
    const { user, system } = process.threadCpuUsage(before);
    usedNs = (user + system) * 1e3;
  } while (usedNs < ROUND_SECONDS * 1e9);
  return usedNs / calls;
}

function benchEvidence(): CodecBench['evidence'] {
  const { privateKey, publicKey } = generateKeys();
  const next = random(7);
  const payloads = Array.from({ length: 200 }, () =>
    Buffer.from(Array.from({ length: 263 }, () => next() * 256)),
  );
  const digests = payloads.map(digestOf);
  const sealed = digests.map((digest) => ({
    digest,
    seal: { signature: sealDigest(digest, privateKey), key: publicKey },
  }));
  assert.ok(sealed.every(({ digest, seal }) => isSealed(digest, seal)));
  const [hash, sign, verify] = measure([
    over(payloads, (payload) => digestOf(payload)[0] ?? 0),
    over(digests, (digest) => sealDigest(digest, privateKey).length),
    over(sealed, ({ digest, seal }) => Number(isSealed(digest, seal))),
  ]);
  assert.ok(hash && sign && verify);
  return { hash, sign, verify };
}

function ratio(theirs = Number.NaN, ours = Number.NaN): number {
  return Math.round((theirs / ours) * 10) / 10;
}
