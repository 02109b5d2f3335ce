import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { kafka } from '#deploy/servers/kafka.ts';
import { busSettings, openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { createLogger } from '#libs/runtime/logger.ts';

const MESSAGES = 1_000_000;
/** A frame of one host is about this large. */
const MESSAGE_BYTES = 512;
/** Messages handed to one `publish`: what a writer or a gateway has at hand in a busy second. */
const BATCH = 1_000;

export interface BusBench {
  /** CPU of our adapter for producing and consuming, over that of Kafka's own perf tools for the same messages. */
  readonly costOverKafkaPerfTools: number;
  readonly produce: { readonly ourCpuSeconds: number; readonly toolCpuSeconds: number };
  readonly consume: { readonly ourCpuSeconds: number; readonly toolCpuSeconds: number };
  readonly messages: number;
  readonly messageBytes: number;
}

/** @param brokers address of a real broker. */
export async function benchBus(brokers: string): Promise<BusBench> {
  const settings = z
    .object(busSettings)
    .parse({ bus: 'kafka', kafkaBrokers: brokers, busPrefix: `bench-${randomUUID()}.` });
  const bus = await openBus(settings, createLogger('bench', 'silent'));
  try {
    await bus.ensure([{ name: 'ours', compacted: false, partitions: 1, retentionHours: 1 }]);
    const ours = { produce: await cpuOf(() => produce(bus)), consume: await cpuOf(() => consume(bus)) };
    const tools = await kafkaTools(brokers, `${settings.busPrefix}theirs`);
    return {
      costOverKafkaPerfTools: (ours.produce + ours.consume) / (tools.produce + tools.consume),
      produce: { ourCpuSeconds: ours.produce, toolCpuSeconds: tools.produce },
      consume: { ourCpuSeconds: ours.consume, toolCpuSeconds: tools.consume },
      messages: MESSAGES,
      messageBytes: MESSAGE_BYTES,
    };
  } finally {
    await bus.close();
  }
}

async function produce(bus: Bus): Promise<void> {
  const value = randomBytes(MESSAGE_BYTES);
  for (let sent = 0; sent < MESSAGES; sent += BATCH) {
    await bus.publish(
      Array.from({ length: BATCH }, (_, i) => ({ topic: 'ours', key: `node-${sent + i}`, value })),
    );
  }
}

async function consume(bus: Bus): Promise<void> {
  let seen = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const consumption = await bus.subscribe({
    group: `bench-${randomUUID()}`,
    topics: ['ours'],
    from: 'earliest',
    deliver: async (batch, control) => {
      seen += batch.records.length;
      const last = batch.records.at(-1);
      if (last) await control.commit(last.offset + 1);
      if (seen >= MESSAGES) resolve();
    },
  });
  await all;
  await consumption.stop();
  if (seen !== MESSAGES) throw new Error(`the bench read ${seen} messages, expected ${MESSAGES}`);
}

async function cpuOf(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** CPU of Kafka's tools for the same messages, less the start of their virtual machine. */
async function kafkaTools(brokers: string, topic: string): Promise<{ produce: number; consume: number }> {
  const producer = (records: number) =>
    toolCpu('org.apache.kafka.tools.ProducerPerformance', [
      ...['--topic', topic, '--num-records', String(records), '--record-size', String(MESSAGE_BYTES)],
      ...['--throughput', '-1', '--producer-props', `bootstrap.servers=${brokers}`, 'acks=all'],
    ]);
  const consumer = (records: number) =>
    toolCpu('org.apache.kafka.tools.ConsumerPerformance', [
      ...[
        '--bootstrap-server',
        brokers,
        '--topic',
        topic,
        '--messages',
        String(records),
        '--group',
        randomUUID(),
      ],
    ]);
  const started = await producer(1);
  const produced = await producer(MESSAGES - 1);
  const consumed = await consumer(MESSAGES);
  return { produce: produced - started, consume: consumed - (await consumer(1)) };
}

async function toolCpu(mainClass: string, args: readonly string[]): Promise<number> {
  const { command, args: rest } = kafka.tool(mainClass, args);
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@" >/dev/null';
  const { stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', command, ...rest], {
    maxBuffer: 1 << 24,
  });
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (user === undefined || system === undefined)
    throw new Error(`${mainClass} printed no time: ${stderr.slice(-500)}`);
  return Number(user) + Number(system);
}
