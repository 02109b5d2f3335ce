import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import {
  foldHour,
  hourOfWeek,
  knows,
  levelAt,
  nearestPart,
  PROFILE_WIDTH,
  spreadAt,
} from '#libs/detect/season/profile.ts';
import { MONDAY, WindowWorld } from './window-world.ts';
import { normal, seeded } from './world.ts';

const HOUR = 60;
const DAY = 1440;
const LEARNT = PARAMETERS.seasonDays;

/** Busy from 08:00 to 20:00 UTC on weekdays, with noise. */
function office(seed: number) {
  const random = seeded(seed);
  return (minute: number) => {
    const hour = Math.floor((minute % DAY) / HOUR);
    const weekday = Math.floor(minute / DAY) % 7 < 5;
    const level = weekday && hour >= 8 && hour < 20 ? 600 : 120;
    return level * (1 + 0.03 * normal(random));
  };
}

test('the first hour of a Monday is the first of the week, the last of a Sunday the last', () => {
  expect(hourOfWeek(MONDAY / HOUR)).toBe(0);
  expect(hourOfWeek(MONDAY / HOUR + 167)).toBe(167);
  expect(hourOfWeek(MONDAY / HOUR + 168)).toBe(0);
});

test('two weeks of an hour are pooled: 10 and 14 with a deviation of 1 each give 12 and the root of 5', () => {
  const bytes = new Uint8Array(PROFILE_WIDTH);
  expect(knows(bytes, 0, 5)).toBe(false);
  foldHour(bytes, 0, 5, 1, 10, 1);
  foldHour(bytes, 0, 5, 2, 14, 1);
  expect(levelAt(bytes, 0, 5)).toBe(12);
  expect(spreadAt(bytes, 0, 5)).toBe(2.25);
  expect(knows(bytes, 0, 4)).toBe(false);
});

test('two bytes keep four weeks of an hour to within a smallest spread', () => {
  const hour = fc.double({ min: 0, max: 120, noNaN: true });
  fc.assert(
    fc.property(fc.array(hour, { minLength: 1, maxLength: 4 }), (means) => {
      const bytes = new Uint8Array(PROFILE_WIDTH);
      means.forEach((mean, week) => {
        foldHour(bytes, 0, 7, week + 1, mean, 0);
      });
      const mean = means.reduce((sum, one) => sum + one, 0) / means.length;
      const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / means.length;
      expect(Math.abs(levelAt(bytes, 0, 7) - mean)).toBeLessThanOrEqual(1);
      expect(spreadAt(bytes, 0, 7)).toBeGreaterThanOrEqual(Math.min(63, Math.sqrt(variance)) - 1);
    }),
  );
});

test('of the neighbouring hours the nearer one counts, and no hour that is not known', () => {
  const bytes = new Uint8Array(PROFILE_WIDTH);
  foldHour(bytes, 0, 0, 1, 10, 1);
  foldHour(bytes, 0, 167, 1, 40, 1);
  expect(nearestPart(bytes, 0, 0, 38)).toBe(167);
  expect(nearestPart(bytes, 0, 0, 9)).toBe(0);
  expect(nearestPart(bytes, 0, 1, 10)).toBe(-1);
});

test('a node that is idle by night and busy by day is as usual every morning, once its weeks are known', () => {
  const world = new WindowWorld();
  const days = world.days(0, LEARNT + 7, office(1));
  // Before, every working day is unlike the first thirty windows, which were a night.
  expect(days[0]?.length).toBeGreaterThan(100);
  expect(days.slice(7).flat()).toEqual([]);
});

test('the same load by night is unlike the own past at that hour of the week, and the sentence says so', () => {
  const world = new WindowWorld();
  world.days(0, LEARNT, office(2));
  const at = (hour: number) =>
    world.window((LEARNT + 1) * DAY + hour * HOUR, { node_power_watts: 600 }).grounds;
  const [night] = at(3);
  expect(night).toMatchObject({ rule: 'own-past', observed: 600 });
  expect(night?.expected).toBeGreaterThan(110);
  expect(night?.expected).toBeLessThan(130);
  expect(night?.text).toContain('its own past at this hour of the week lies at');
  expect(at(12)).toEqual([]);
});

test('an hour that came once is known with half the confidence', () => {
  const world = new WindowWorld();
  world.days(0, 7, office(3));
  const [ground] = world.window(7 * DAY + 3 * HOUR, { node_power_watts: 600 }).grounds;
  expect(ground?.text).toContain('still being learnt');
  const later = new WindowWorld();
  later.days(0, LEARNT, office(3));
  const [known] = later.window(LEARNT * DAY + 3 * HOUR, { node_power_watts: 600 }).grounds;
  const zOf = (text = '') => Number(/robust z (-?[\d.]+)/.exec(text)?.[1]);
  expect(zOf(ground?.text)).toBeLessThan(0.8 * zOf(known?.text));
});

test('what is done by local time is as usual where its clock changes by an hour', () => {
  const world = new WindowWorld();
  const watts = office(4);
  world.days(0, LEARNT, watts);
  expect(world.days(LEARNT, LEARNT + 7, (minute) => watts(minute + HOUR)).flat()).toEqual([]);
  expect(
    world.days(LEARNT + 7, LEARNT + 8, (minute) => watts(minute + 4 * HOUR)).flat().length,
  ).toBeGreaterThan(50);
});

test('windows that deviate are no part of the hours', () => {
  const world = new WindowWorld();
  const watts = office(5);
  for (let minute = 3; minute <= LEARNT * DAY; minute += 3) {
    const mining = minute % DAY < 6 * HOUR && Math.floor(minute / DAY) % 2 === 1;
    const value = mining ? 700 : watts(minute);
    world.window(minute, { node_power_watts: value }, { deviates: mining, declared: 'd@1' });
  }
  const at = LEARNT * DAY + 7 * DAY + 3 * HOUR;
  const [ground] = world.window(at, { node_power_watts: 700 }, { declared: 'd@1' }).grounds;
  expect(ground?.text).toContain('at this hour of the week');
  expect(ground?.expected).toBeLessThan(140);
});

test('a new declaration begins the weeks anew', () => {
  const world = new WindowWorld();
  world.days(0, LEARNT, office(6));
  const at = (LEARNT + 1) * DAY + 3 * HOUR;
  const { grounds } = world.window(at, { node_power_watts: 600 }, { declared: 'd@2' });
  expect(grounds).toEqual([]);
});

test('a ramp of 1 % a day that begins when the weeks are frozen shows as drift within two weeks, never as the past', () => {
  const world = new WindowWorld();
  const watts = office(7);
  world.days(0, LEARNT, watts);
  const ramp = (minute: number) => watts(minute) * (1 + 0.01 * (minute / DAY - LEARNT));
  const days = world.days(LEARNT, LEARNT + 60, ramp);
  const first = days.findIndex((grounds) => grounds.some(({ rule }) => rule === 'drift'));
  expect(first).toBeGreaterThan(2);
  expect(first).toBeLessThanOrEqual(14);
  expect(days.slice(first).every((grounds) => grounds.length > 0)).toBe(true);
  expect(days[first]?.[0]?.text).toMatch(
    /above its own past at the same hours of the week since 2026-02-\d\d/,
  );
});

test('a ramp of 1 % a day from the first day on shows within sixty days', () => {
  const world = new WindowWorld();
  const watts = office(8);
  const days = world.days(0, 60, (minute) => watts(minute) * (1 + (0.01 * minute) / DAY));
  const first = days.findIndex((grounds) => grounds.some(({ rule }) => rule === 'drift'));
  expect(first).toBeGreaterThanOrEqual(LEARNT);
  expect(first).toBeLessThan(60);
});

test.each([11, 12, 13])('weeks like those before are no drift in sixty days (seed %i)', (seed) => {
  const world = new WindowWorld();
  expect(
    world
      .days(0, LEARNT + 60, office(seed))
      .slice(7)
      .flat(),
  ).toEqual([]);
});

test('traffic of gigabytes a second may double, and not grow threefold', () => {
  const world = new WindowWorld();
  const random = seeded(14);
  for (let minute = 1; minute <= 40; minute++) {
    const rate = 2e9 * Math.exp(0.1 * normal(random));
    world.window(minute, { network_transmit_bytes_per_second: rate });
  }
  const at = (minute: number, rate: number) =>
    world.window(minute, { network_transmit_bytes_per_second: rate }).grounds.length;
  expect([at(41, 3.6e9), at(42, 1.1e9), at(43, 1e10), at(44, 4e8)]).toEqual([0, 0, 1, 1]);
});

test('a checkpoint holds the weeks: what follows it is said as without it', () => {
  const [whole, restarted] = [new WindowWorld(), new WindowWorld()];
  const say = (world: WindowWorld, restarts: boolean) => {
    const watts = office(9);
    world.days(0, LEARNT, watts);
    if (restarts) world.restart();
    return world.days(LEARNT, LEARNT + 20, (minute) => 1.1 * watts(minute));
  };
  const said = say(whole, false);
  expect(said.flat().length).toBeGreaterThan(0);
  expect(say(restarted, true)).toEqual(said);
});
