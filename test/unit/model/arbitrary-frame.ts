import fc from 'fast-check';
import { type Column, type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import { type EntityRow, emptyRow, type Frame } from '#libs/model/frame.ts';
import { MAX_SEQUENCE } from '#libs/model/wire.ts';
import { random } from '#test/support/random.ts';

export type Random = () => number;

const name = fc.string({
  unit: fc.constantFrom(...'ABCxyz0189._-'.split('')),
  minLength: 1,
  maxLength: 128,
});
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => Buffer.from(raw).toString('hex'));
const float = (max: number) =>
  fc.double({ min: 0, max, noNaN: true }).map((value) => Math.abs(Math.fround(value)));
const double = fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }).map(Math.abs);
const count = fc.integer({ min: 1, max: MAX_SEQUENCE });

const flow = fc.record({
  peer: hex(8),
  ageSeconds: float(1e9),
  bytesUp: double,
  bytesDown: double,
  activeSecondsUp: float(60),
  activeSecondsDown: float(60),
});
const group = fc.record({
  label: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  cpuUtilizationRatio: float(1),
  memoryBytes: fc.oneof(double, fc.constant(Number.NaN)),
  gpuUtilizationRatio: float(1),
  gpuMemoryBytes: double,
});
const run = fc.tuple(count, count).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

/** How full a row is: a cheap sensor set, a rich one, every value, none. */
const density = fc.constantFrom(0, 0.3, 0.9, 1);

function fill(
  values: Float32Array | Float64Array,
  columns: readonly Column[],
  share: number,
  next: Random,
): void {
  columns.forEach(({ metric }, i) => {
    const [min, max] = metric.plausible;
    const edge = next();
    const value = edge < 0.05 ? min : edge > 0.95 ? max : min + (max - min) * next();
    values[i] = next() < share ? value : Number.NaN;
  });
}

/** A row whose values lie in their plausible ranges. */
export function randomRow(
  kind: EntityKind,
  index: number,
  id: string,
  share: number,
  next: Random,
): EntityRow {
  const row = emptyRow(kind, index, id);
  fill(row.gauges, LAYOUTS[kind].gauges, share, next);
  fill(row.counters, LAYOUTS[kind].counters, share, next);
  return row;
}

const entities = fc
  .record({
    seed: fc.integer(),
    share: density,
    host: fc.boolean(),
    gpus: fc.uniqueArray(fc.tuple(fc.nat(63), fc.option(name, { nil: '' })), {
      selector: ([index]) => index,
      maxLength: 12,
    }),
  })
  .map(({ seed, share, host, gpus }) => {
    const next = random(seed);
    return [
      ...(host ? [randomRow('host', 0, '', share, next)] : []),
      ...gpus.map(([index, id]) => randomRow('gpu', index, id, share, next)),
    ];
  });

/** Frames that an honest agent may send: everything within its range. */
export const arbitraryFrame: fc.Arbitrary<Frame> = fc.record({
  node: name,
  site: name,
  boot: hex(16),
  sequence: count,
  endMs: fc.integer({ min: 1, max: 8_640_000_000_000_000 }),
  intervalMs: fc.integer({ min: 1, max: 86_400_000 }),
  samples: fc.nat(0xffff_ffff),
  previous: fc.oneof(fc.constant(new Uint8Array(32)), fc.uint8Array({ minLength: 32, maxLength: 32 })),
  entities,
  flows: fc.array(flow, { maxLength: 5 }),
  groups: fc.array(group, { maxLength: 4 }),
  covers: fc.array(run, { maxLength: 6 }),
});

/** One frame with 32 values, for tables of failures. */
export function smallFrame(): Frame {
  return {
    node: 'node-1',
    site: 'site-1',
    boot: '00112233445566778899aabbccddeeff',
    sequence: 7,
    endMs: 1_790_000_000_000,
    intervalMs: 10_000,
    samples: 10,
    previous: new Uint8Array(32).fill(9),
    entities: [
      randomRow('host', 0, '', 0.5, random(1)),
      randomRow('gpu', 0, 'GPU-5f6d0c1e-1111-2222-3333-444455556666', 1, random(2)),
    ],
    flows: [
      {
        peer: '0011223344556677',
        ageSeconds: 600,
        bytesUp: 1e6,
        bytesDown: 2e6,
        activeSecondsUp: 3,
        activeSecondsDown: 4,
      },
    ],
    groups: [
      {
        label: 'system.slice/docker-é.scope',
        cpuUtilizationRatio: 0.25,
        memoryBytes: 1e9,
        gpuUtilizationRatio: 0.5,
        gpuMemoryBytes: 8e9,
      },
    ],
    covers: [{ from: 1, to: 6 }],
  };
}
