import assert from 'node:assert/strict';
import process from 'node:process';
import * as simple from 'simple-statistics';
import type { Delivered } from '#libs/bus/port.ts';
import { NodeStage } from '#libs/detect/node-stage.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { buildRegister } from '#libs/detect/register.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys, type NodeKeys } from '#libs/evidence/keys.ts';
import { sealDigest } from '#libs/evidence/seal.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, FRAMES_PER_SEAL, type Frame } from '#libs/model/frame.ts';
import { sha256 } from '#services/detector/hash.ts';
import { NodeWork } from '#services/detector/node-work.ts';
import { random } from '#test/support/random.ts';

const START_MS = Date.UTC(2026, 0, 1);
const VALUES = 32;
/** Long enough for references of the own past, and for onsets in every hundredth node. */
const FRAMES = 240;
const DEVIATES_FROM = 220;
const ROUNDS = 3;
const MEMORY_ENTITIES = 100_000;

export interface DetectorTier {
  readonly name: string;
  readonly entitiesPerFrame: number;
  /** Frame bytes in memory to assessments, chain and seals verified; entities per second of this thread's CPU. */
  readonly entitiesPerSecondPerCore: number;
  /** Decoded rows to assessments: windows, rules, summaries and revisions. */
  readonly featuresEntitiesPerSecond: number;
  /** Frame bytes to assessments, the chain not followed: what the naive way is compared with. */
  readonly unverifiedEntitiesPerSecond: number;
  /** `JSON.parse`, arrays and simple-statistics once a window, without chain, summaries and verdicts. */
  readonly naiveEntitiesPerSecond: number;
  /** Unverified by naive. */
  readonly timesNaive: number;
}

export interface DetectorBench extends Omit<DetectorTier, 'name' | 'entitiesPerFrame'> {
  readonly rssBytesAt100kEntities: number;
  readonly checkpointBytesPerEntity: number;
  readonly tiers: readonly DetectorTier[];
}

type Rows = readonly EntityRow[];

/** Seeded, about a minute; asserts the number of assessments before it believes a time. Rates are medians of rounds. */
export async function benchDetector(): Promise<DetectorBench> {
  const memory = benchMemory();
  const [hosts, nodes] = [benchTier('host', 1_000, hostRows), benchTier('node of 8 GPUs', 120, gpuNodeRows)];
  const { name: _, entitiesPerFrame: __, ...headline } = hosts;
  return await Promise.resolve({ ...headline, ...memory, tiers: [hosts, nodes] });
}

export const hostRows = (): Rows => [filled(emptyRow('host'))];
export const gpuNodeRows = (): Rows => [
  ...hostRows(),
  ...Array.from({ length: 8 }, (_, i) => filled(emptyRow('gpu', i, `GPU-${i}`))),
];

const uniform = random(17);

/** 32 present values: gauges from the first column on; none is absurd, ratios stay below one. */
function filled(row: EntityRow): EntityRow {
  for (let i = 0; i < Math.min(VALUES, row.gauges.length); i++) row.gauges[i] = 0.5 + 0.01 * uniform();
  return row;
}

function frameOf(node: number, sequence: number, boot: string, previous: Uint8Array, entities: Rows): Frame {
  return {
    node: `n${node}`,
    site: 's1',
    boot,
    sequence,
    endMs: START_MS + sequence * 10_000,
    intervalMs: 10_000,
    samples: 10,
    previous,
    entities,
    flows: [],
    groups: [],
    covers: [],
  };
}

/** Every hundredth node draws ten times the power from a moment on. */
function vary(rows: Rows, node: number, sequence: number): void {
  for (const row of rows) {
    const power = gaugeOrdinal(row.kind, row.kind === 'host' ? 'node_power_watts' : 'gpu_power_watts');
    row.gauges[power] = (node % 100 === 0 && sequence > DEVIATES_FROM ? 900 : 90) + uniform();
  }
}

export function registerOf(nodes: number) {
  const names = Array.from({ length: nodes }, (_, node) => `n${node}`);
  const declaration = {
    id: 'd1',
    version: 1,
    tenant: 't1',
    nodes: names,
    behaviours: ['B2' as const],
    envelope: [{ metric: 'node_power_watts', min: null, max: 200 }],
    validFromMs: 0,
    validToMs: null,
    approver: 'A. Person',
    recordedMs: 0,
  };
  return buildRegister([], [declaration]);
}

function benchTier(name: string, nodes: number, entities: () => Rows): DetectorTier {
  const entitiesPerFrame = entities().length;
  const rows = Array.from({ length: nodes }, entities);
  const records = buildRecords(rows);
  const total = nodes * FRAMES * entitiesPerFrame;
  const whole: number[] = [];
  const unverified: number[] = [];
  const features: number[] = [];
  const naive: number[] = [];
  const slices = rows.slice(0, Math.max(1, Math.floor(nodes / 10)));
  for (let round = 0; round < ROUNDS; round++) {
    whole.push(total / wholeSeconds(records, nodes));
    unverified.push(total / unverifiedSeconds(records, nodes));
    features.push(total / featureSeconds(rows));
    naive.push((slices.length * FRAMES * entitiesPerFrame) / naiveSeconds(slices));
  }
  return {
    name,
    entitiesPerFrame,
    entitiesPerSecondPerCore: Math.round(simple.median(whole)),
    featuresEntitiesPerSecond: Math.round(simple.median(features)),
    unverifiedEntitiesPerSecond: Math.round(simple.median(unverified)),
    naiveEntitiesPerSecond: Math.round(simple.median(naive)),
    timesNaive: Number((simple.median(unverified) / simple.median(naive)).toFixed(1)),
  };
}

/** Frames of all nodes, interleaved as they would arrive; seals come staggered, one in ninety frames. */
export function buildRecords(rows: readonly Rows[]): Delivered[] {
  const keys = generateKeys();
  const agents = rows.map((_, node) => ({ boot: bootOf(node), chain: new Chain(bootOf(node), keys), keys }));
  const records: Delivered[] = [];
  for (let sequence = 1; sequence <= FRAMES; sequence++) {
    for (const [node, agent] of agents.entries()) {
      const entities = rows[node] ?? [];
      vary(entities, node, sequence);
      const value = encodeFrame(frameOf(node, sequence, agent.boot, agent.chain.previous, entities));
      agent.chain.append(value);
      const sealed = (sequence + node) % FRAMES_PER_SEAL === 0 ? sealOf(agent.chain.previous, keys) : {};
      const headers = { type: Buffer.from('frame'), ...sealed };
      records.push({ key: `n${node}`, value, headers, offset: records.length, receivedMs: START_MS + 1e10 });
    }
  }
  return records;
}

function sealOf(digest: Uint8Array, keys: NodeKeys) {
  return { seal: Buffer.from(sealDigest(digest, keys.privateKey)), key: Buffer.from(keys.publicKey) };
}

function bootOf(node: number): string {
  return node.toString(16).padStart(32, '0');
}

function wholeSeconds(records: readonly Delivered[], nodes: number): number {
  const register = registerOf(nodes);
  let assessments = 0;
  const work = new NodeWork({
    parameters: PARAMETERS,
    register: () => register,
    partition: 0,
    observationPartitions: 1,
    emit: (message) => {
      if (message.headers?.type === 'assessment') assessments++;
    },
  });
  const seconds = cpuSeconds(() => {
    for (const record of records) work.take('frames', record);
  });
  assert.equal(assessments, nodes * (FRAMES / 6 - 1));
  return seconds;
}

function unverifiedSeconds(records: readonly Delivered[], nodes: number): number {
  const register = registerOf(nodes);
  const decoder = new FrameDecoder();
  let assessments = 0;
  const stage = new NodeStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => register,
    summary: (_site, _node, _endMs, bytes) => {
      assert(bytes.length > 0);
    },
    assessment: () => {
      assessments++;
    },
  });
  const seconds = cpuSeconds(() => {
    for (const { value, receivedMs } of records) stage.frame(decoder.decode(value), receivedMs, () => 0);
  });
  assert.equal(assessments, nodes * (FRAMES / 6 - 1));
  return seconds;
}

function featureSeconds(rows: readonly Rows[]): number {
  const decoder = new FrameDecoder();
  const register = registerOf(rows.length);
  let deviating = 0;
  const stage = new NodeStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => register,
    summary: (_site, _node, _endMs, bytes) => {
      assert(bytes.length > 0);
    },
    assessment: ({ conformity }) => {
      if (conformity === 'deviates') deviating++;
    },
  });
  const boots = rows.map((_, node) => bootOf(node));
  const names = rows.map((_, node) => `n${node}`);
  const decoded = decoder.decode(encodeFrame(frameOf(0, 1, bootOf(0), new Uint8Array(32), rows[0] ?? [])));
  const power = gaugeOrdinal('host', 'node_power_watts');
  const seconds = cpuSeconds(() => {
    for (let sequence = 1; sequence <= FRAMES; sequence++) {
      decoded.sequence = sequence;
      decoded.endMs = START_MS + sequence * 10_000;
      for (let node = 0; node < rows.length; node++) {
        decoded.node = names[node] ?? '';
        decoded.boot = boots[node] ?? '';
        decoded.gauges[power] = node % 100 === 0 && sequence > DEVIATES_FROM ? 900 : 90 + (sequence % 7);
        stage.frame(decoded, decoded.endMs, () => 0);
      }
    }
  });
  assert(deviating > 0);
  return seconds;
}

/** What one would write first: objects from JSON, arrays of numbers, the library's statistics once a window. */
function naiveSeconds(rows: readonly Rows[]): number {
  const frames: string[] = [];
  for (let sequence = 1; sequence <= FRAMES; sequence++) {
    for (const [node, entities] of rows.entries()) {
      vary(entities, node, sequence);
      const values = entities.map((row) => [...row.gauges].filter((value) => !Number.isNaN(value)));
      frames.push(JSON.stringify({ node: `n${node}`, sequence, values }));
    }
  }
  const windows = new Map<string, number[][]>();
  const pasts = new Map<string, number[]>();
  let sink = 0;
  return cpuSeconds(() => {
    for (const text of frames) {
      const frame = JSON.parse(text) as { node: string; sequence: number; values: number[][] };
      for (const [entity, values] of frame.values.entries()) {
        for (const [column, value] of values.entries()) {
          sink += naiveValue(windows, pasts, `${frame.node}/${entity}/${column}`, frame.sequence, value);
        }
      }
    }
    assert(sink > 0);
  });
}

function naiveValue(
  windows: Map<string, number[][]>,
  pasts: Map<string, number[]>,
  key: string,
  sequence: number,
  value: number,
): number {
  const window = windows.get(key)?.[0] ?? [];
  if (window.length === 0) windows.set(key, [window]);
  window.push(value);
  if (sequence % 6 !== 0) return 0;
  const past = pasts.get(key) ?? [];
  pasts.set(key, past);
  past.push(simple.mean(window));
  if (past.length > 64) past.shift();
  const spread = simple.standardDeviation(window) + simple.min(window) + simple.max(window);
  window.length = 0;
  return spread + simple.median(past) + simple.medianAbsoluteDeviation(past);
}

/** Resident memory that 100,000 one-entity nodes add, with their windows, history and chains, and a checkpoint's size. */
function benchMemory() {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const register = registerOf(1);
  let assessments = 0;
  const work = new NodeWork({
    parameters: PARAMETERS,
    register: () => register,
    partition: 0,
    observationPartitions: 1,
    emit: ({ headers }) => {
      if (headers?.type === 'assessment') assessments++;
    },
  });
  const entities = [filled(emptyRow('host'))];
  const headers = { type: Buffer.from('frame') };
  for (let sequence = 1; sequence <= 7; sequence++) {
    for (let node = 0; node < MEMORY_ENTITIES; node++) {
      const value = encodeFrame(frameOf(node, sequence, bootOf(node), new Uint8Array(32), entities));
      work.take('frames', { key: '', value, headers, offset: 0, receivedMs: START_MS + 1e10 });
    }
  }
  assert.equal(assessments, MEMORY_ENTITIES);
  const rssBytesAt100kEntities = process.memoryUsage.rss() - before;
  const checkpointBytes = work.dump().reduce((sum, bytes) => sum + bytes.length, 0);
  return { rssBytesAt100kEntities, checkpointBytesPerEntity: Math.round(checkpointBytes / MEMORY_ENTITIES) };
}

/** CPU of the whole process, the garbage collector's threads included: a machine shared with others counts less. */
function cpuSeconds(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
