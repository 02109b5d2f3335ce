import assert from 'node:assert/strict';
import * as simple from 'simple-statistics';
import type { Delivered } from '#libs/bus/port.ts';
import { NodeStage } from '#libs/detect/node-stage.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { TIERS, type TierName } from '#libs/detect/tier.ts';
import type { TierPolicy } from '#libs/detect/tiers/choice.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { sha256 } from '#services/detector/hash.ts';
import { NodeWork } from '#services/detector/node-work.ts';
import {
  bootOf,
  buildRecords,
  cpuSeconds,
  DEVIATES_FROM,
  FRAMES,
  frameOf,
  gpuNodeRows,
  hostRows,
  type Rows,
  registerOf,
  START_MS,
  vary,
} from './detector-frames.ts';
import { benchTierMemory, type TierMemory } from './detector-memory.ts';

const ROUNDS = 3;

/** Rates of one tier, for hosts alone or for nodes of 8 GPUs. */
export interface DetectorTier {
  readonly tier: TierName;
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

export interface DetectorBench extends Omit<DetectorTier, 'tier' | 'name' | 'entitiesPerFrame'> {
  /** Of 100,000 hosts alone in the rich tier. */
  readonly rssBytesAt100kEntities: number;
  readonly checkpointBytesPerEntity: number;
  readonly tiers: readonly DetectorTier[];
  readonly memory: readonly TierMemory[];
}

/** Seeded, some minutes; asserts the number of assessments before it believes a time. Rates are medians of rounds. */
export async function benchDetector(): Promise<DetectorBench> {
  const memory = await benchTierMemory();
  const tiers = TIERS.flatMap((tier) => [
    benchTier(tier, 'host', 1_000, hostRows),
    benchTier(tier, 'node of 8 GPUs', 120, gpuNodeRows),
  ]);
  const [hosts] = tiers;
  const [rich] = memory;
  assert(hosts && rich);
  const { tier: _, name: __, entitiesPerFrame: ___, ...headline } = hosts;
  return {
    ...headline,
    rssBytesAt100kEntities: rich.rssBytes,
    checkpointBytesPerEntity: rich.checkpointBytesPerEntity,
    tiers,
    memory,
  };
}

function benchTier(tier: TierName, name: string, nodes: number, entities: () => Rows): DetectorTier {
  const tiers = policyOf(tier);
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
    whole.push(total / wholeSeconds(records, nodes, tiers));
    unverified.push(total / unverifiedSeconds(records, nodes, tiers));
    features.push(total / featureSeconds(rows, tiers));
    naive.push((slices.length * FRAMES * entitiesPerFrame) / naiveSeconds(slices));
  }
  return {
    tier,
    name,
    entitiesPerFrame,
    entitiesPerSecondPerCore: Math.round(simple.median(whole)),
    featuresEntitiesPerSecond: Math.round(simple.median(features)),
    unverifiedEntitiesPerSecond: Math.round(simple.median(unverified)),
    naiveEntitiesPerSecond: Math.round(simple.median(naive)),
    timesNaive: Number((simple.median(unverified) / simple.median(naive)).toFixed(1)),
  };
}

const policyOf = (mode: TierName): TierPolicy => ({ mode, richEntities: 0, key: '' });

/** One of each window, and at most one more of each node that changes within a window: that is told of early. */
function assertAssessed(assessments: number, nodes: number): void {
  const windows = nodes * (FRAMES / 6 - 1);
  assert(assessments >= windows && assessments <= windows + Math.ceil(nodes / 100), String(assessments));
}

function wholeSeconds(records: readonly Delivered[], nodes: number, tiers: TierPolicy): number {
  const register = registerOf(nodes);
  let assessments = 0;
  const work = new NodeWork({
    parameters: PARAMETERS,
    register: () => register,
    tiers,
    partition: 0,
    observationPartitions: 1,
    emit: (message) => {
      if (message.headers?.type === 'assessment') assessments++;
    },
  });
  const seconds = cpuSeconds(() => {
    for (const record of records) work.take('frames', record);
  });
  assertAssessed(assessments, nodes);
  return seconds;
}

function unverifiedSeconds(records: readonly Delivered[], nodes: number, tiers: TierPolicy): number {
  const register = registerOf(nodes);
  const decoder = new FrameDecoder();
  let assessments = 0;
  const stage = new NodeStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => register,
    tiers,
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
  assertAssessed(assessments, nodes);
  return seconds;
}

function featureSeconds(rows: readonly Rows[], tiers: TierPolicy): number {
  const decoder = new FrameDecoder();
  const register = registerOf(rows.length);
  let deviating = 0;
  const stage = new NodeStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => register,
    tiers,
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
