import fc from 'fast-check';
import { max, mean, min, standardDeviation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { RowStatistics } from '#libs/model/row-statistics.ts';

const POWER = gaugeOrdinal('host', 'node_power_watts');
const LOAD = gaugeOrdinal('host', 'load_average_1m');
const ENERGY = counterOrdinal('host', 'cpu_energy_joules_total');

test('agrees with simple-statistics on mean, population deviation, min and max', () => {
  const samples = fc.array(fc.double({ min: 0, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(samples, (values) => {
      const row = new RowStatistics('host');
      for (const value of values) row.gauge(POWER, value);
      const seen = row.row().gauges.subarray(POWER, POWER + 4);
      const expected = [mean(values), standardDeviation(values), min(values), max(values)];
      expected.forEach((value, i) => {
        expect(Math.abs((seen[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
          1e-6 * Math.max(1, max(values)) + 1e-3,
        );
      });
    }),
  );
});

test('a metric without texture has a mean and nothing beside it', () => {
  const row = new RowStatistics('host');
  row.gauge(LOAD, 1);
  row.gauge(LOAD, 3);
  const { gauges } = row.row();
  expect(gauges[LOAD]).toBe(2);
  expect(gauges[LOAD + 1]).toBeNaN();
});

test('what is no number is no sample, and what has no sample is absent', () => {
  const row = new RowStatistics('host');
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) row.gauge(POWER, value);
  expect(row.row().gauges[POWER]).toBeNaN();
  row.gauge(POWER, 5);
  expect([...row.row().gauges.subarray(POWER, POWER + 4)]).toEqual([5, 0, 5, 5]);
});

test('a counter keeps its last value, and a new interval begins without any', () => {
  const row = new RowStatistics('host');
  row.counter(ENERGY, 10);
  row.counter(ENERGY, 12);
  row.counter(ENERGY, Number.NaN);
  expect(row.row().counters[ENERGY]).toBe(12);
  row.reset();
  expect(row.row().counters[ENERGY]).toBeNaN();
});
