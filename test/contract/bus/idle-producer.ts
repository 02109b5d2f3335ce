/**
 * An idle, connected Kafka producer: `node idle-producer.ts <broker> <patched|plain> <seconds>`.
 * Prints the share of a core it used while idle, 0–1.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { patchKafkajs } from '#libs/bus/kafkajs-patch.ts';

const [broker = '', variant, seconds = '10'] = process.argv.slice(2);
if (variant === 'patched') patchKafkajs();
const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
const producer = kafka.producer({
  idempotent: true,
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
});
await producer.connect();
await sleep(1_000);
const [before, start] = [process.cpuUsage(), performance.now()];
await sleep(Number(seconds) * 1_000);
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1_000 / (performance.now() - start)));
await producer.disconnect();
