import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Tick } from '#libs/model/tick.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { eventClock, Ticker } from '#services/detector/ticker.ts';
import { START_MS } from '#test/unit/detect/world.ts';
import { DetectorWorld } from './world.ts';

test('ticks go to every partition, once an index, and those missed while the bus is away are not made up', async () => {
  await using world = await DetectorWorld.open(3);
  let now = START_MS;
  let away = false;
  const { bus } = world;
  const counters = createCounters();
  const ticker = new Ticker({
    bus: {
      ensure: (topics) => bus.ensure(topics),
      subscribe: (subscription) => bus.subscribe(subscription),
      replay: (topic, options, deliver) => bus.replay(topic, options, deliver),
      offsets: (topic, group) => bus.offsets(topic, group),
      close: () => bus.close(),
      publish: (messages) => (away ? Promise.reject(new BusUnavailableError('away')) : bus.publish(messages)),
    },
    clock: () => now,
    tickMs: 10,
    surroundings: { counters, log: createLogger('ticker', 'silent') },
  });
  const advance = async (ms: number) => {
    now += ms;
    await sleep(60);
  };
  ticker.start();
  await advance(0);
  await advance(10_000);
  await advance(3_000);
  away = true;
  await advance(10_000);
  await advance(1_200_000);
  away = false;
  await advance(10_000);
  await ticker.stop();
  for (const topic of ['frames', 'readings']) {
    const ticks = await world.objects<Tick>(topic, 'tick');
    const first = START_MS / 10_000;
    const expected = [0, 1, 123].flatMap((i) => [first + i, first + i, first + i]);
    expect(ticks.map(({ index }) => index).sort((a, b) => a - b)).toEqual(expected);
  }
  expect(counters.value('detector_ticks_dropped_total')).toBe(2);
});

test('an event clock runs as much faster as its ticks are shorter', async () => {
  const clock = eventClock(10);
  const [began, realBegan] = [clock(), Date.now()];
  await sleep(50);
  const factor = (clock() - began) / (Date.now() - realBegan);
  expect(factor).toBeGreaterThan(500);
  expect(factor).toBeLessThan(2_000);
});
