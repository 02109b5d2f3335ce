import { expect, test } from 'vitest';
import {
  ago,
  bounds,
  endsOf,
  inLocalTime,
  inUnit,
  metricName,
  scaleInUnit,
  sentence,
  share,
  shortTime,
  span,
} from '#services/console/web/format.ts';
import { binsOf, columnsOf, extentOf, fieldsOf } from '#services/console/web/node/chart-data.ts';
import { hoursOf, lastHours, shifted, zoomed } from '#services/console/web/node/range.ts';

const MINUTE_MS = 60_000;

test('values are written in their unit', () => {
  const f = (value: number, unit: string, expected: string) => expect(inUnit(value, unit)).toBe(expected);
  f(0.831, '1', '83.1 %');
  f(7_912, 'W', '7.91 kW');
  f(420, 'W', '420 W');
  f(4.2e7, 'By/s', '42 MB/s');
  f(71.25, 'Cel', '71.3 °C');
  f(14, '{process}', '14');
  f(1.755e9, 'Hz', '1.75 GHz');
});

test('values of a scale are told apart', () => {
  expect(scaleInUnit([349, 349.5, 350], 'W')).toEqual(['349 W', '349.5 W', '350 W']);
  expect(scaleInUnit([0, 0.5, 1], '1')).toEqual(['0 %', '50 %', '100 %']);
  expect(scaleInUnit([0.9991, 0.9992], '1')).toEqual(['99.91 %', '99.92 %']);
  expect(scaleInUnit([1_999_990, 2_000_000], 'By/s')).toEqual(['1.99999 MB/s', '2 MB/s']);
});

test('times are written as distances', () => {
  expect(span(40_000)).toBe('40 s');
  expect(span(90 * MINUTE_MS)).toBe('90 min');
  expect(span(30 * 60 * MINUTE_MS)).toBe('30 h');
  expect(ago(0, 5_000)).toBe('now');
  expect(ago(0, 5 * MINUTE_MS)).toBe('5 min ago');
  expect(ago(3 * MINUTE_MS, 0)).toBe('in 3 min');
});

/** Of the reader's clock. */
const at = (day: number, hour: number, minute: number, second = 0, year = 2026) =>
  new Date(year, 10, day, hour, minute, second).getTime();

test('a time is written with what is needed to tell it from now', () => {
  const nowMs = at(4, 12, 0);
  const f = (ms: number, expected: string) => expect(shortTime(ms, nowMs)).toBe(expected);
  f(at(4, 2, 5), '02:05');
  f(at(3, 14, 5), '3 Nov, 14:05');
  f(at(4, 12, 0, 0, 2025), '4 Nov 2025, 12:00');
});

test('both ends of a time can be told apart', () => {
  const nowMs = at(4, 12, 0);
  const f = (fromMs: number, toMs: number, ...expected: string[]) =>
    expect(endsOf(fromMs, toMs, nowMs)).toEqual(expected);
  f(at(4, 2, 5), at(4, 2, 9), '02:05', '02:09');
  // The day on both where it differs, also where one is today.
  f(at(3, 14, 5), at(4, 2, 9), '3 Nov, 14:05', '4 Nov, 02:09');
  f(at(3, 14, 5), at(3, 14, 9), '3 Nov, 14:05', '3 Nov, 14:09');
  f(at(31, 23, 0, 0, 2025), at(4, 2, 9), '1 Dec 2025, 23:00', '4 Nov, 02:09');
  // Seconds within a minute.
  f(at(4, 2, 47, 10), at(4, 2, 47, 20), '02:47:10', '02:47:20');
  f(at(3, 2, 47, 10), at(3, 2, 47, 20), '3 Nov, 02:47:10', '3 Nov, 02:47:20');
});

test('instants in a text of the detector are written as all other times are', () => {
  const nowMs = at(4, 12, 0);
  const instant = (ms: number, length: number) => `${new Date(ms).toISOString().slice(0, length)}Z`;
  const text = `it rose between ${instant(at(4, 2, 5), 16)} and ${instant(at(3, 2, 5, 7), 19)}.`;
  expect(inLocalTime(text, nowMs)).toBe('it rose between 02:05 and 3 Nov, 02:05:07.');
  expect(inLocalTime('since 2026-11-03', nowMs)).toBe('since 2026-11-03');
});

test('what is not all is never written as 100 %', () => {
  expect(share(0.99999)).toBe('99.9 %');
  expect(share(1)).toBe('100 %');
});

test('bounds of a share are one number where they are alike, else two', () => {
  expect(bounds({ share: 0.7, low: 0.68, high: 0.721 })).toBe('± 2');
  expect(bounds({ share: 0.3, low: 0, high: 0.32 })).toBe('(0 to 32 %)');
  expect(bounds({ share: 1, low: 1, high: 1 })).toBe('± 0');
});

test('names of metrics are words without their unit', () => {
  expect(metricName('gpu_power_watts')).toBe('GPU power');
  expect(metricName('network_receive_bytes_per_second')).toBe('Network receive');
  expect(metricName('gpu_nvlink_transmit_bytes_per_second')).toBe('GPU NVLink transmit');
});

const reply = (timesMs: number[], ...values: (number | null)[][]) => ({
  detail: 'frame' as const,
  fields: values.map((_, index) => `f${index}`),
  timesMs,
  values,
});

test('a gap in time is a gap in the line', () => {
  const times = [10, 20, 30, 90, 100].map((second) => second * 1000);
  const [seconds, line] = columnsOf(reply(times, [1, 2, 3, 4, 5]));
  expect(seconds).toEqual([10, 20, 30, 40, 90, 100]);
  expect(line).toEqual([1, 2, 3, null, 4, 5]);
});

test('extents and tables take means from the first field, lows and highs from the others', () => {
  const given = reply([0, 10, 20, 30], [2, null, 4, 6], [1, null, 3, 5], [3, null, 9, 7]);
  expect(extentOf(given)).toEqual({ mean: 4, min: 1, max: 9, newest: 6 });
  expect(binsOf(given, { fromMs: 0, toMs: 40 }, 2)).toEqual([
    { fromMs: 0, mean: 2, min: 1, max: 3 },
    { fromMs: 20, mean: 5, min: 3, max: 9 },
  ]);
  expect(extentOf(reply([0], [null]))).toBeNull();
});

test('metrics with texture are asked for with their lows and highs', () => {
  const metric = { name: 'gpu_power_watts', unit: 'W', source: '', texture: true };
  expect(fieldsOf(metric)).toEqual(['gpu_power_watts', 'gpu_power_watts_min', 'gpu_power_watts_max']);
  expect(fieldsOf({ ...metric, texture: false })).toEqual(['gpu_power_watts']);
});

test('ranges move by half and zoom around their middle', () => {
  const day = lastHours(48 * 60 * MINUTE_MS, '24');
  expect(hoursOf(day)).toBe('24');
  expect(shifted(day, -1).toMs).toBe(36 * 60 * MINUTE_MS);
  expect(hoursOf(shifted(day, 1))).toBe('24');
  expect(zoomed(zoomed(day, 0.5), 2)).toEqual(day);
});

test('a sentence begins with a capital, and an abbreviation is one', () => {
  expect(sentence('gpu power watts of gpu3 was 641 W')).toBe('GPU power watts of gpu3 was 641 W');
  expect(sentence('cpu-node-1 was silent')).toBe('Cpu-node-1 was silent');
  expect(sentence('the node was silent')).toBe('The node was silent');
});
