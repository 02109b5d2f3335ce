import { expect, test } from 'vitest';
import { Alarm } from '#libs/jobs/alarm.ts';

async function elapsedMs(act: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await act();
  return performance.now() - beganMs;
}

test('a sleep lasts its time when nobody rings', async () => {
  expect(await elapsedMs(() => new Alarm().wait(50))).toBeGreaterThanOrEqual(48);
});

test('a ring ends the sleep', async () => {
  const alarm = new Alarm();
  setTimeout(() => alarm.ring(), 20);
  expect(await elapsedMs(() => alarm.wait(5_000))).toBeLessThan(1_000);
});

test('a ring that nobody heard ends the next sleep, and only that one', async () => {
  const alarm = new Alarm();
  alarm.ring();
  expect(await elapsedMs(() => alarm.wait(5_000))).toBeLessThan(1_000);
  expect(await elapsedMs(() => alarm.wait(50))).toBeGreaterThanOrEqual(48);
});
