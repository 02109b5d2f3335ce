import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { pino } from 'pino';
import { z } from 'zod';
import { type BusSettings, busSettings, openBus } from '#libs/bus/open.ts';
import type { Batch, Bus, Delivered } from '#libs/bus/port.ts';
import type { TopicSpec } from '#libs/model/topics.ts';

/** A log of its own, and the buses opened on it. */
export interface BusWorld {
  readonly settings: BusSettings;
  /** Opens a bus on the log: the first, a second beside it, or one after a "restart". */
  open(): Promise<Bus>;
  /** Closes what a test left open, and removes the log. */
  dispose(): Promise<void>;
}

const silent = pino({ level: 'silent' });

export function settingsOf(given: z.input<z.ZodObject<typeof busSettings>>): BusSettings {
  return z.object(busSettings).parse(given);
}

export async function sqliteWorld(): Promise<BusWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'davylamp-bus-'));
  return world(settingsOf({ dataDir, busPartitions: 4 }), async () =>
    rmSync(dataDir, { recursive: true, force: true }),
  );
}

let kafkaWorlds = 0;

export async function kafkaWorld(
  broker: string,
  compression: BusSettings['kafkaCompression'],
): Promise<BusWorld> {
  const busPrefix = `contract-${process.pid}-${Date.now()}-${kafkaWorlds++}.`;
  const settings = settingsOf({
    bus: 'kafka',
    busPartitions: 4,
    busPrefix,
    kafkaBrokers: broker,
    kafkaCompression: compression,
  });
  return world(settings, () => deleteTopics(broker, busPrefix));
}

function world(settings: BusSettings, remove: () => Promise<void>): BusWorld {
  const opened: Bus[] = [];
  return {
    settings,
    async open() {
      const bus = await openBus(settings, silent);
      opened.push(bus);
      return bus;
    },
    async dispose() {
      await Promise.all(opened.map((bus) => bus.close()));
      await remove();
    },
  };
}

async function deleteTopics(broker: string, prefix: string): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

export function topic(name: string, differing: Partial<TopicSpec> = {}): TopicSpec {
  return { name, compacted: false, partitions: null, retentionHours: 1, ...differing };
}

/** `count` messages with values 0, 1, … over `keys` keys. */
export function numbered(topicName: string, count: number, keys = 8) {
  return Array.from({ length: count }, (_, index) => ({
    topic: topicName,
    key: `key-${index % keys}`,
    value: Buffer.from(String(index)),
    headers: { type: 'test' },
  }));
}

export const text = (record: Delivered): string => Buffer.from(record.value).toString();

/** Records as they were delivered, over all partitions. */
export function collector() {
  const records: Delivered[] = [];
  return {
    records,
    values: () => records.map(text),
    sorted: () =>
      records
        .map(text)
        .map(Number)
        .sort((a, b) => a - b),
    take: ({ records: delivered }: Batch) => {
      records.push(...delivered);
    },
  };
}

export const nextOffset = ({ records }: Batch): number => (records.at(-1)?.offset ?? -1) + 1;

/** Waits for a condition. @throws after `ms` with what was waited for. */
export async function until(condition: () => boolean, awaited: string, ms = 30_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${awaited}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
