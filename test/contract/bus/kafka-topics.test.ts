import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { describeServer } from '#test/support/describe-server.ts';
import { kafkaWorld, topic } from './world.ts';

async function configOf(broker: string, name: string): Promise<Record<string, string>> {
  const admin = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  } finally {
    await admin.disconnect();
  }
}

for (const variable of ['DAVYLAMP_TEST_KAFKA', 'DAVYLAMP_TEST_KAFKA_39']) {
  describeServer(variable, `topics of ${variable}`, (broker) => {
    test('are created with the broker’s time, and what their description says', async () => {
      const world = await kafkaWorld(broker, 'none');
      try {
        const bus = await world.open();
        await bus.ensure([
          topic('frames', { retentionHours: 72 }),
          topic('state', { compacted: true, retentionHours: 0, partitions: 1 }),
        ]);
        expect(await configOf(broker, `${world.settings.busPrefix}frames`)).toMatchObject({
          'cleanup.policy': 'delete',
          'retention.ms': String(72 * 3_600_000),
          'message.timestamp.type': 'LogAppendTime',
        });
        expect(await configOf(broker, `${world.settings.busPrefix}state`)).toMatchObject({
          'cleanup.policy': 'compact',
          'retention.ms': '-1',
        });
      } finally {
        await world.dispose();
      }
    });
  });
}
