import { expect, test } from 'vitest';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { KeptAssessments } from '#services/writer/kept-assessments.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { allCommitted, anAssessment, assessmentMessage, openWorkshop, runWriter, T0 } from './workshop.ts';

const HOUR_MS = 3_600_000;

/** A window a minute; the verdict changes where the test says. */
function stream(node: string, minutes: number, given: (minute: number) => Partial<Assessment>): Assessment[] {
  return Array.from({ length: minutes }, (_, minute) =>
    anAssessment({ node, windowEndMs: T0 + (minute + 1) * 60_000, ...given(minute) }),
  );
}

const keptMinutes = async (ledger: Ledger, node: string) =>
  (await ledger.assessments.list(node, { beforeMs: Number.MAX_SAFE_INTEGER, limit: 1_000 }))
    .map(({ windowEndMs }) => (windowEndMs - T0) / 60_000)
    .reverse();

test('keeps the first, each change of the verdict, and one an hour', async () => {
  await using shop = await openWorkshop();
  const deviating = (minute: number) =>
    minute >= 10 && minute < 13 ? ({ conformity: 'deviates' } as const) : {};
  await shop.bus.publish(stream('a', 180, deviating).map(assessmentMessage));
  await using _ = await runWriter(shop);
  await allCommitted(shop.bus);
  const kept = await keptMinutes(shop.ledger, 'a');
  expect(kept).toEqual(expect.arrayContaining([1, 11, 14]));
  const gaps = kept.map((minute, i) => minute - (kept[i - 1] ?? minute));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60);
  expect(kept.length).toBeLessThanOrEqual(7);
});

test('keeps the same when all of it comes again, to a writer that knows nothing', async () => {
  await using shop = await openWorkshop();
  const assessments = stream('a', 150, (minute) => ({ grade: minute % 37 === 0 ? 'D' : 'C' }));
  const once = new KeptAssessments(shop.ledger.assessments);
  await once.keep(await once.choose(assessments));
  const kept = await keptMinutes(shop.ledger, 'a');
  for (const from of [0, 40, 149]) {
    const again = new KeptAssessments(shop.ledger.assessments);
    const choice = await again.choose(assessments.slice(from));
    await again.keep(choice);
    expect(await keptMinutes(shop.ledger, 'a')).toEqual(kept);
  }
});

test('chooses alike however the stream is cut into batches', async () => {
  const assessments = stream('a', 200, (minute) => ({ heartbeat: minute % 50 < 2 ? 'missed' : 'present' }));
  const results = [];
  for (const length of [1, 7, 200]) {
    await using shop = await openWorkshop();
    const kept = new KeptAssessments(shop.ledger.assessments);
    for (let at = 0; at < assessments.length; at += length) {
      await kept.keep(await kept.choose(assessments.slice(at, at + length)));
    }
    results.push(await keptMinutes(shop.ledger, 'a'));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test('remembers nothing of a choice that did not become durable', async () => {
  await using shop = await openWorkshop();
  const kept = new KeptAssessments(shop.ledger.assessments);
  const [first, change] = stream('a', 2, (minute) => ({ grade: minute === 0 ? 'C' : 'X' })) as [
    Assessment,
    Assessment,
  ];
  await kept.keep(await kept.choose([first]));
  await kept.choose([change]);
  expect((await kept.choose([change])).keep).toEqual([change]);
});

test('spreads the hourly ones of a fleet over the hour', async () => {
  await using shop = await openWorkshop();
  const kept = new KeptAssessments(shop.ledger.assessments);
  const nodes = Array.from({ length: 600 }, (_, i) => `node-${i}`);
  const perMinute = [];
  for (let minute = 0; minute < 121; minute++) {
    const windowEndMs = T0 + (minute + 1) * 60_000;
    const choice = await kept.choose(nodes.map((node) => anAssessment({ node, windowEndMs })));
    await kept.keep(choice);
    perMinute.push(choice.keep.length);
  }
  expect(Math.max(...perMinute.slice(1))).toBeLessThan(40);
  expect(perMinute.slice(61).reduce((sum, count) => sum + count, 0)).toBe(nodes.length);
});

test('killed mid-way and started again, it has kept the same as one that never was', {
  timeout: 60_000,
}, async () => {
  await using shop = await openWorkshop();
  const nodes = Array.from({ length: 20 }, (_, i) => `n${i}`);
  const streams = nodes.map((node, i) =>
    stream(node, 600, (minute) => ({ conformity: (minute + i) % 83 < 3 ? 'deviates' : 'conforms' })),
  );
  const inOrder = Array.from({ length: 600 }, (_, minute) =>
    streams.flatMap((one) => one[minute] ?? []),
  ).flat();
  await shop.bus.publish(inOrder.map(assessmentMessage));
  await using writer = new ServiceProcess('writer', {
    DAVYLAMP_DATA_DIR: shop.dataDir,
    DAVYLAMP_WRITER_FLUSH_POINTS: '100',
    DAVYLAMP_WRITER_FLUSH_MS: '0',
    DAVYLAMP_BUS_PARTITIONS: '3',
  });
  writer.start();
  while ((await keptMinutes(shop.ledger, 'n0')).length === 0)
    await new Promise((done) => setTimeout(done, 1));
  await writer.kill();
  expect((await keptMinutes(shop.ledger, 'n0')).at(-1)).toBeLessThan(590);
  writer.start();
  await allCommitted(shop.bus, 40_000);
  await writer.stop();
  const found = await Promise.all(nodes.map((node) => keptMinutes(shop.ledger, node)));
  await using other = await openWorkshop();
  const whole = new KeptAssessments(other.ledger.assessments);
  await whole.keep(await whole.choose(inOrder));
  expect(found).toEqual(await Promise.all(nodes.map((node) => keptMinutes(other.ledger, node))));
});

test('forgets what is past the retention in event time', async () => {
  await using shop = await openWorkshop();
  const kept = new KeptAssessments(shop.ledger.assessments);
  const days = [0, 1, 2].map((day) => anAssessment({ windowEndMs: T0 + day * 24 * HOUR_MS }));
  await kept.keep(await kept.choose(days));
  await kept.prune(1);
  expect(await keptMinutes(shop.ledger, 'a')).toEqual([1_440, 2_880]);
});
