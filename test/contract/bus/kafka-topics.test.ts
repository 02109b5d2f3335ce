import kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BusWorld, kafkaWorld, topic } from './world.ts';

const brokers = [process.env.DAVYLAMP_TEST_KAFKA, process.env.DAVYLAMP_TEST_KAFKA_39].filter(
  (broker) => broker !== undefined,
);

let world: BusWorld;
let admin: ReturnType<InstanceType<typeof kafkajs.Kafka>['admin']>;

beforeEach(async ({ task }) => {
  const broker = brokers.find((each) => task.name.includes(each)) ?? '';
  world = await kafkaWorld(broker, 'none');
  admin = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
});
afterEach(async () => {
  await admin.disconnect();
  await world.dispose();
});

test.each(brokers)('topics on %s keep the broker’s time, and what their description says', async () => {
  const bus = await world.open();
  await bus.ensure([
    topic('frames', { retentionHours: 72 }),
    topic('state', { compacted: true, retentionHours: 0, partitions: 1 }),
  ]);
  const configOf = async (name: string) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: world.settings.busPrefix + name }],
    });
    return Object.fromEntries(
      resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
    );
  };
  expect(await configOf('frames')).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': String(72 * 3_600_000),
    'message.timestamp.type': 'LogAppendTime',
  });
  expect(await configOf('state')).toMatchObject({ 'cleanup.policy': 'compact', 'retention.ms': '-1' });
});
