import { expect, test } from 'vitest';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, type Flow, type Frame } from '#libs/model/frame.ts';
import type { Point } from '#libs/series/port.ts';
import { framePoints } from '#services/writer/frame-points.ts';

/** Every column has its own value: ratios 0.5, gauges their place, counters a thousand and their place. */
function numbered(row: EntityRow): EntityRow {
  const { gauges, counters } = LAYOUTS[row.kind];
  gauges.forEach(({ metric }, i) => {
    row.gauges[i] = metric.kind === 'ratio' ? 0.5 : i;
  });
  counters.forEach((_, i) => {
    row.counters[i] = 1_000 + i;
  });
  return row;
}

const flow = (bytesUp: number, ageSeconds: number): Flow => ({
  peer: '0123456789abcdef',
  ageSeconds,
  bytesUp,
  bytesDown: 2 * bytesUp,
  activeSecondsUp: 4,
  activeSecondsDown: 6,
});

const FRAME: Frame = {
  node: 'a',
  site: 's',
  boot: '0'.repeat(32),
  sequence: 1,
  endMs: 1_760_000_000_000,
  intervalMs: 10_000,
  samples: 10,
  previous: new Uint8Array(32),
  entities: [numbered(emptyRow('host')), numbered(emptyRow('gpu', 3, 'GPU-3'))],
  flows: [],
  groups: [],
  covers: [],
};
const rowsOf = (frame: Frame) => new FrameDecoder().decode(encodeFrame(frame));
const value = (point: Point | undefined, field: string) => point?.values[point.fields.indexOf(field)];

test('every column of every entity is a field under its own name', () => {
  const [host, gpu] = framePoints(rowsOf(FRAME), 'frame', 'all');
  expect(host).toMatchObject({ measurement: 'frame', node: 'a', entity: 'host', timeMs: FRAME.endMs });
  expect(gpu?.entity).toBe('gpu3');
  for (const [point, kind] of [
    [host, 'host'],
    [gpu, 'gpu'],
  ] as const) {
    const { gauges, counters } = LAYOUTS[kind];
    expect(point?.fields).toEqual([...gauges, ...counters].map(({ name }) => name));
    gauges.forEach(({ name, metric }, i) => {
      expect(value(point, name)).toBe(metric.kind === 'ratio' ? 0.5 : i);
    });
    counters.forEach(({ name }, i) => {
      expect(value(point, name)).toBe(1_000 + i);
    });
  }
});

test('of the core, at most eight means an entity', () => {
  const points = framePoints(rowsOf(FRAME), 'summary', 'core');
  for (const point of points) {
    expect(point.fields.length).toBeLessThanOrEqual(8);
    expect(point.fields.filter((name) => /_(sd|min|max)$/.test(name))).toEqual([]);
  }
  expect(value(points[1], 'gpu_power_watts')).toBe(0);
  expect(value(points[0], 'load_average_1m')).toBe(
    LAYOUTS.host.gauges.findIndex(({ name }) => name === 'load_average_1m'),
  );
});

test('flows are one point of sums and extremes; a frame without them has none', () => {
  const flows = framePoints(rowsOf({ ...FRAME, flows: [flow(10, 700), flow(5, 900)] }), 'frame', 'all').at(
    -1,
  );
  expect(flows?.entity).toBe('flows');
  expect(Object.fromEntries(flows?.fields.map((field) => [field, value(flows, field)]) ?? [])).toEqual({
    flows: 2,
    flow_age_seconds_max: 900,
    flow_bytes_up: 15,
    flow_bytes_down: 30,
    flow_active_seconds_up_max: 4,
    flow_active_seconds_down_max: 6,
  });
  expect(framePoints(rowsOf(FRAME), 'frame', 'all')).toHaveLength(2);
});

test('points outlive the rows they come from', () => {
  const decoder = new FrameDecoder();
  const [host] = framePoints(decoder.decode(encodeFrame(FRAME)), 'frame', 'all');
  decoder.decode(encodeFrame({ ...FRAME, entities: [emptyRow('host')] }));
  expect(value(host, 'cpu_utilization_ratio')).toBe(0.5);
});
