import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKafkaBus } from '#libs/bus/kafka.ts';
import type { Bus } from '#libs/bus/port.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { type FlakyProxy, startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { type BusWorld, collector, kafkaWorld, nextOffset, numbered, pause, topic, until } from './world.ts';

describeServer('DAVYLAMP_TEST_KAFKA', 'Kafka that goes away and returns', (broker) => {
  let proxy: FlakyProxy;
  let world: BusWorld;
  let bus: Bus;

  beforeEach(async () => {
    const [host = '', port = ''] = broker.split(':');
    proxy = await startFlakyProxy({ host, port: Number(port) });
    world = await kafkaWorld(broker, 'none');
    const { busPrefix: prefix, busPartitions: partitions } = world.settings;
    bus = createKafkaBus({
      brokers: [broker],
      prefix,
      partitions,
      compression: 'none',
      requestTimeoutMs: 1_000,
      sessionTimeoutMs: 6_000,
      // Brokers announce their own address: every connection, not only the first, has to take the detour.
      socketFactory: ({ onConnect }) => connect(proxy.port, '127.0.0.1', onConnect),
    });
    await bus.ensure([topic('a', { partitions: 1 })]);
  });
  afterEach(async () => {
    proxy.mode = 'pass';
    await bus.close();
    await world.dispose();
    await proxy[Symbol.asyncDispose]();
  });

  const one = (value: string) => [{ topic: 'a', key: 'k', value: Buffer.from(value) }];

  /** As a service does it: again until it is taken. */
  const insist = async (value: string) => {
    for (;;) {
      try {
        return await bus.publish(one(value));
      } catch (error) {
        expect(error).toBeInstanceOf(BusUnavailableError);
      }
    }
  };

  test.each(['reset', 'stall'] as const)(
    'publishing is refused while it is away (%s) and works within seconds after',
    async (mode) => {
      await bus.publish(one('before'));
      proxy.mode = mode;
      await expect(bus.publish(one('lost'))).rejects.toThrow(BusUnavailableError);
      proxy.mode = 'pass';
      const returned = Date.now();
      await insist('after');
      expect(Date.now() - returned).toBeLessThan(6_000);
    },
  );

  test.each(['reset', 'stall'] as const)(
    'a member goes on by itself after an outage (%s) longer than its session',
    async (mode) => {
      const got = collector();
      const failures: unknown[] = [];
      const events: string[] = [];
      await bus.subscribe({
        group: 'g',
        topics: ['a'],
        from: 'earliest',
        failed: (error) => failures.push(error),
        assigned: async (_, partition) => {
          events.push(`assigned ${partition}`);
          return undefined;
        },
        revoked: async (_, partition) => void events.push(`revoked ${partition}`),
        deliver: async (batch, control) => {
          got.take(batch);
          await control.commit(nextOffset(batch));
        },
      });
      await bus.publish(numbered('a', 10));
      await until(() => got.records.length === 10, 'the records before the outage');
      proxy.mode = mode;
      await pause(10_000);
      proxy.mode = 'pass';
      const returned = Date.now();
      await insist('after');
      await until(() => got.values().includes('after'), 'the record after the outage', 15_000);
      expect(Date.now() - returned).toBeLessThan(9_000);
      expect(failures.length).toBeGreaterThan(0);
      expect(events).toEqual(['assigned 0', 'revoked 0', 'assigned 0']);
      await pause(500);
      expect((await bus.offsets('a', 'g'))[0]?.committed).toBe((await bus.offsets('a'))[0]?.next);
    },
  );

  test('a bus closes while its broker is away', async () => {
    await bus.subscribe({ group: 'g', topics: ['a'], from: 'earliest', deliver: async () => undefined });
    proxy.mode = 'reset';
    await pause(200);
    await bus.close();
    proxy.mode = 'pass';
  });
});
