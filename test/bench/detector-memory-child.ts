/** Child of `detector-memory.ts`: one fleet through stage 1, minute by minute, until it is assessed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import process from 'node:process';
import type { Delivered } from '#libs/bus/port.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { NodeWork } from '#services/detector/node-work.ts';
import {
  bootOf,
  cpuSeconds,
  frameOf,
  gpuNodeRows,
  hostRows,
  registerOf,
  START_MS,
} from './detector-frames.ts';
import type { MemoryTask, TierMemory } from './detector-memory.ts';

/** A window and a frame. */
const FRAMES = 7;
/** Frames that are made, then timed. */
const BATCH = 2_000;

function measure({ policy, name, gpus, nodes }: MemoryTask): TierMemory {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const register = registerOf(1);
  let assessments = 0;
  const work = new NodeWork({
    parameters: PARAMETERS,
    register: () => register,
    tiers: policy,
    partition: 0,
    observationPartitions: 1,
    emit: ({ headers }) => {
      if (headers?.type === 'assessment') assessments++;
    },
  });
  const rows = gpus === 0 ? hostRows() : gpuNodeRows();
  const headers = { type: Buffer.from('frame') };
  const record = (node: number, sequence: number): Delivered => {
    const value = encodeFrame(frameOf(node, sequence, bootOf(node), new Uint8Array(32), rows));
    return { key: '', value, headers, offset: 0, receivedMs: START_MS + 1e10 };
  };
  let seconds = 0;
  for (let sequence = 1; sequence <= FRAMES; sequence++) {
    for (let from = 0; from < nodes; from += BATCH) {
      const length = Math.min(BATCH, nodes - from);
      const batch = Array.from({ length }, (_, n) => record(from + n, sequence));
      const spent = cpuSeconds(() => {
        for (const one of batch) work.take('frames', one);
      });
      // The first makes the state; it is not the rate at which it is kept.
      if (sequence > 1) seconds += spent;
    }
  }
  assert.equal(assessments, nodes);
  globalThis.gc?.();
  const rssBytes = process.memoryUsage.rss() - before;
  const entities = nodes * rows.length;
  return {
    tier: policy.mode,
    name,
    entities,
    rssBytes,
    rssBytesPerEntity: Math.round(rssBytes / entities),
    peakRssBytes: 1024 * process.resourceUsage().maxRSS,
    checkpointBytesPerEntity: Math.round(
      work.dump().reduce((sum, bytes) => sum + bytes.length, 0) / entities,
    ),
    entitiesPerSecondPerCore: Math.round(((FRAMES - 1) * entities) / seconds),
  };
}

const [task] = (await once(process, 'message')) as [MemoryTask];
process.send?.(measure(task));
process.disconnect();
