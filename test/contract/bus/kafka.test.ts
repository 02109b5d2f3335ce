import { describeServer } from '#test/support/describe-server.ts';
import { describeBus } from './contract.ts';
import { kafkaWorld } from './world.ts';

const brokers = [
  ['Kafka 4', 'DAVYLAMP_TEST_KAFKA', 'none'],
  ['Kafka 3.9', 'DAVYLAMP_TEST_KAFKA_39', 'zstd'],
] as const;

for (const [name, variable, compression] of brokers) {
  describeServer(variable, `the bus on ${name} (${compression})`, (broker) =>
    describeBus(`${name} (${compression})`, () => kafkaWorld(broker, compression)),
  );
}
