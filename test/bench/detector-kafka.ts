import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { median } from 'simple-statistics';
import { z } from 'zod';
import { busSettings, openBus } from '#libs/bus/open.ts';
import type { Bus, Delivered } from '#libs/bus/port.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { NodeWork } from '#services/detector/node-work.ts';
import { buildRecords, gpuNodeRows, hostRows, registerOf } from './detector-frames.ts';

const TIERS = [
  ['host', 1_000, hostRows],
  ['node of 8 GPUs', 120, gpuNodeRows],
] as const;
const PUBLISH = 1_000;
/** Each by a new group from the first record on; the first also warms up. */
const ROUNDS = 5;

export interface FromKafka {
  readonly name: string;
  /** Read from a real broker, decoded, verified, assessed; entities a second of this process's CPU, the median of rounds. */
  readonly entitiesPerSecondPerCore: number;
}

/** Stage 1 on a real broker, up to what it would publish. */
export async function benchDetectorFromKafka(brokers: string): Promise<readonly FromKafka[]> {
  const results: FromKafka[] = [];
  for (const [name, nodes, rows] of TIERS) results.push(await measure(brokers, name, nodes, rows));
  return results;
}

async function measure(
  brokers: string,
  name: string,
  nodes: number,
  rows: () => readonly EntityRow[],
): Promise<FromKafka> {
  const kafka = { bus: 'kafka', kafkaBrokers: brokers, busPrefix: `bench-${randomUUID()}.` };
  const bus = await openBus(z.object(busSettings).parse(kafka), createLogger('bench', 'silent'));
  try {
    await bus.ensure([{ name: 'frames', compacted: false, partitions: 1, retentionHours: 1 }]);
    const records = buildRecords(Array.from({ length: nodes }, rows));
    for (let at = 0; at < records.length; at += PUBLISH) await publish(bus, records.slice(at, at + PUBLISH));
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      seconds.push(await assessSeconds(bus, nodes, records.length));
    const entities = records.length * rows().length;
    return { name, entitiesPerSecondPerCore: Math.round(entities / median(seconds)) };
  } finally {
    await bus.close();
  }
}

async function publish(bus: Bus, records: readonly Delivered[]): Promise<void> {
  const text = (headers: Delivered['headers']) =>
    Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Buffer.from(value).toString()]));
  await bus.publish(
    records.map(({ key, value, headers }) => ({ topic: 'frames', key, value, headers: text(headers) })),
  );
}

/** CPU seconds from joining the group to the last record assessed. */
async function assessSeconds(bus: Bus, nodes: number, records: number): Promise<number> {
  const register = registerOf(nodes);
  let emitted = 0;
  const work = new NodeWork({
    parameters: PARAMETERS,
    register: () => register,
    partition: 0,
    observationPartitions: 1,
    emit: () => {
      emitted++;
    },
  });
  let taken = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const before = process.cpuUsage();
  const consumption = await bus.subscribe({
    group: randomUUID(),
    topics: ['frames'],
    from: 'earliest',
    deliver: async (batch, control) => {
      for (const record of batch.records) work.take('frames', record);
      taken += batch.records.length;
      await control.heartbeat();
      if (taken >= records) resolve();
    },
  });
  await all;
  const { user, system } = process.cpuUsage(before);
  await consumption.stop();
  assert.ok(emitted > records / 6, `${emitted} messages emitted for ${records} frames`);
  return (user + system) / 1e6;
}
