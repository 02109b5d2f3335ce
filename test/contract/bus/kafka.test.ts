import { describe, expect, test } from 'vitest';
import { describeBus } from './contract.ts';
import { kafkaWorld } from './world.ts';

const brokers = [
  ['Kafka 4', 'DAVYLAMP_TEST_KAFKA', 'none'],
  ['Kafka 3.9', 'DAVYLAMP_TEST_KAFKA_39', 'zstd'],
] as const;

for (const [name, variable, compression] of brokers) {
  const broker = process.env[variable];
  if (broker) describeBus(`${name} (${compression})`, () => kafkaWorld(broker, compression));
  else {
    describe(`the bus on ${name}`, () => {
      test.runIf(process.env.CI === 'true')('is tested in CI', () => {
        expect.fail(`${variable} is not set: start the servers by npm run servers -- up`);
      });
      test.skip(`no broker: ${variable} is not set`, () => undefined);
    });
  }
}
