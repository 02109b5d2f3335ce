import { expect, test } from 'vitest';
import { ADDITIONS } from '#libs/traces/simulate/meters/additions.ts';
import {
  hourAt,
  isWeekend,
  type MeterLoad,
  meterCsv,
  meterRows,
  together,
} from '#libs/traces/simulate/meters/load.ts';
import { home, officeBuilding } from '#libs/traces/simulate/meters/premises.ts';

/** A Monday at midnight. */
const MONDAY_MS = Date.UTC(2026, 10, 2);
const SPAN = { fromMs: MONDAY_MS, days: 28, minutes: 15, seed: 3 };
const A_DAY = 96;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** DOMAIN 6.2: kWh a month, load factor by day, night (0 to 5 h) over day (8 to 22 h), base as the days' 5th percentile. */
function featuresOf(load: MeterLoad) {
  const rows = meterRows(load, SPAN);
  const kw = rows.map(({ intervalKwh }) => 4 * intervalKwh);
  const days = Array.from({ length: SPAN.days }, (_, day) => kw.slice(day * A_DAY, (day + 1) * A_DAY));
  const between = (from: number, to: number) =>
    mean(
      rows.flatMap(({ fromMs }, i) => (hourAt(fromMs) >= from && hourAt(fromMs) < to ? [kw[i] ?? 0] : [])),
    );
  return {
    kwh: mean(kw) * 720,
    factor: mean(days.map((day) => mean(day) / Math.max(...day))),
    nightOverDay: between(0, 5) / between(8, 22),
    base: mean(days.map((day) => day.toSorted((a, b) => a - b)[Math.floor(0.05 * A_DAY)] ?? 0)),
  };
}

const HOME = home();

/** The table of DOMAIN 6.2, whose figures are themselves calculated: within so much of each, by its second row. */
test.each<[MeterLoad, number, number, number, number]>([
  [HOME, 238, 0.17, 0.2, 0.07],
  [together(HOME, ADDITIONS.validator), 267, 0.19, 0.26, 0.11],
  [together(HOME, ADDITIONS.oneGpu), 490, 0.3, 0.54, 0.42],
  [together(HOME, ADDITIONS.rig), 1751, 0.6, 0.86, 2.16],
  [together(HOME, ADDITIONS.rigByNight), 806, 0.44, 4.79, 0.14],
  [together(HOME, ADDITIONS.rigEveryOtherHour), 994, 0.37, 0.62, 0.08],
  [together(HOME, ADDITIONS.asic), 2757, 0.7, 0.91, 3.54],
  [together(HOME, ADDITIONS.electricCar), 651, 0.14, 4.07, 0.08],
  [together(HOME, ADDITIONS.storageHeater), 839, 0.32, 6.47, 0.12],
  [together(HOME, ADDITIONS.heatPump), 897, 0.43, 1.27, 0.46],
  [together(HOME, ADDITIONS.homeServer), 886, 0.44, 0.73, 0.96],
  [together(HOME, ADDITIONS.poolPump), 1030, 0.47, 0.76, 1.16],
  [officeBuilding, 3986, 0.62, 0.35, 2.51],
  [together(officeBuilding, ADDITIONS.twoRigs), 7010, 0.72, 0.58, 6.7],
  [together(officeBuilding, ADDITIONS.aiServer), 8671, 0.73, 0.65, 8.6],
])('$name has about the features that were calculated for it', (load, kwh, factor, nightOverDay, base) => {
  const features = featuresOf(load);
  expect(features.kwh / kwh, 'kWh').toBeCloseTo(1, 0.7);
  expect(Math.abs(features.factor - factor), `load factor ${features.factor}`).toBeLessThan(0.14);
  expect(features.nightOverDay / nightOverDay, `night over day ${features.nightOverDay}`).toBeGreaterThan(
    0.6,
  );
  expect(features.nightOverDay / nightOverDay, `night over day ${features.nightOverDay}`).toBeLessThan(1.6);
  expect(Math.abs(features.base - base), `base ${features.base}`).toBeLessThan(0.1 + 0.05 * base);
});

test('the same seed gives the same intervals, and another seed others', () => {
  const of = (seed: number) => meterRows(HOME, { ...SPAN, days: 2, seed });
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});

test('a meter counts the same energy in intervals of any length', () => {
  const sum = (minutes: number) =>
    meterRows(HOME, { ...SPAN, minutes }).reduce((total, { intervalKwh }) => total + intervalKwh, 0);
  expect(sum(30)).toBeCloseTo(sum(15), 0);
  expect(sum(60)).toBeCloseTo(sum(15), 0);
});

test('an office is empty at weekends and at night', () => {
  const rows = meterRows(officeBuilding, SPAN);
  const at = (isOpen: boolean) =>
    rows.filter(
      ({ fromMs }) => (!isWeekend(fromMs) && hourAt(fromMs) >= 9 && hourAt(fromMs) < 17) === isOpen,
    );
  const noon = Math.min(...at(true).map(({ intervalKwh }) => intervalKwh));
  const saturday = rows.filter(({ fromMs }) => isWeekend(fromMs));
  expect(noon).toBeGreaterThan(2);
  expect(Math.max(...saturday.map(({ intervalKwh }) => intervalKwh))).toBeLessThan(0.9);
});

test('a label is that of what mines, and a home with a heater is ordinary', () => {
  expect(together(HOME, ADDITIONS.storageHeater).label).toBe('ordinary');
  expect(together(HOME, ADDITIONS.poolPump, ADDITIONS.rig).label).toBe('pow_hash_gpu');
});

test('a file is one of the trace format: local time at which the interval begins, and its energy', () => {
  const load = { name: 'flat', label: 'ordinary', start: () => () => 2 } as const;
  const rows = meterRows(load, { fromMs: MONDAY_MS, days: 1, minutes: 30, seed: 1 });
  const file = meterCsv([{ meter: 'm-1', label: load.label, rows }]);
  expect(file.split('\n').slice(0, 3)).toEqual([
    'time,meter,interval_kwh,behaviour',
    '2026-11-02 00:00:00,m-1,1,ordinary',
    '2026-11-02 00:30:00,m-1,1,ordinary',
  ]);
  expect(file.trimEnd().split('\n')).toHaveLength(1 + 48);
});
