import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENTITY_KINDS, gaugeOrdinal, LAYOUT_ID, LAYOUTS } from '#libs/model/catalogue.ts';
import { decodeFrame, FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { emptyRow, type Frame } from '#libs/model/frame.ts';
import { COUNTER_STRIDE, GAUGE_STRIDE } from '#libs/model/wire.ts';
import { random } from '#test/support/random.ts';
import { arbitraryFrame, randomRow, smallFrame } from './arbitrary-frame.ts';
import { decodeByGenerated, encodeByGenerated } from './generated-codec.ts';

const NO_WORK = { cpuUtilizationRatio: 0, memoryBytes: 0, gpuUtilizationRatio: 0, gpuMemoryBytes: 0 };

test('reads back every frame that it writes', () => {
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      expect(decodeFrame(encodeFrame(frame))).toEqual({ frame, faulty: [] });
    }),
  );
});

test('writes the same bytes as the generated code', () => {
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      expect(Buffer.from(encodeFrame(frame)).equals(encodeByGenerated(frame))).toBe(true);
    }),
  );
});

test('reads what the generated code reads', () => {
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      const bytes = encodeFrame(frame);
      expect(decodeFrame(bytes)).toEqual(decodeByGenerated(bytes));
    }),
  );
});

test('fills the typed arrays of the fast path with what it gives as objects', () => {
  const decoder = new FrameDecoder();
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      const rows = decoder.decode(encodeFrame(frame));
      expect(rows).toMatchObject({ node: frame.node, site: frame.site, boot: frame.boot, layout: LAYOUT_ID });
      expect(rows.rows).toBe(frame.entities.length);
      frame.entities.forEach((row, r) => {
        const { gauges, counters } = LAYOUTS[row.kind];
        expect(ENTITY_KINDS[rows.kinds[r] ?? -1]).toBe(row.kind);
        expect([rows.indexes[r], rows.ids[r]]).toEqual([row.index, row.id]);
        expect(rows.gauges.subarray(r * GAUGE_STRIDE, r * GAUGE_STRIDE + gauges.length)).toEqual(row.gauges);
        expect(rows.counters.subarray(r * COUNTER_STRIDE, r * COUNTER_STRIDE + counters.length)).toEqual(
          row.counters,
        );
      });
    }),
  );
});

test('keeps nodes apart when there are more of them than the cache of names holds', () => {
  const decoder = new FrameDecoder();
  const frames = Array.from({ length: 5_000 }, (_, n) => ({
    ...smallFrame(),
    node: `node-${n}`,
    boot: n.toString(16).padStart(32, '0'),
  }));
  const payloads = frames.map(encodeFrame);
  for (let round = 0; round < 3; round++) {
    payloads.forEach((payload, n) => {
      const { node, boot, ids } = decoder.decode(payload);
      expect([node, boot, ids[1]]).toEqual([frames[n]?.node, frames[n]?.boot, smallFrame().entities[1]?.id]);
    });
  }
});

test('tells senders and devices apart that share a boot and a row', () => {
  const decoder = new FrameDecoder();
  const headers = ['', 'x', 'xy', 'xyz', 'x'.repeat(100)].flatMap((tail) => [
    { node: `node${tail}`, site: 'site-a' },
    { node: `node${tail}`, site: 'site-b' },
    { node: 'node', site: `site${tail}` },
  ]);
  const frames = headers.map((header, n) => ({
    ...smallFrame(),
    ...header,
    entities: [emptyRow('gpu', 0, `GPU-${'0'.repeat(n * 5)}${n}`)],
  }));
  for (const frame of [...frames, ...frames]) {
    const { node, site, ids } = decoder.decode(encodeFrame(frame));
    expect({ node, site, id: ids[0] }).toEqual({
      node: frame.node,
      site: frame.site,
      id: frame.entities[0]?.id,
    });
  }
});

test('leaves what it gave before untouched where that is promised', () => {
  const decoder = new FrameDecoder();
  const { flows, groups, covers, faulty } = decoder.decode(encodeFrame(withGauge(Number.POSITIVE_INFINITY)));
  decoder.decode(encodeFrame({ ...smallFrame(), flows: [], groups: [], covers: [] }));
  expect({ flows, groups, covers }).toEqual({
    flows: smallFrame().flows,
    groups: smallFrame().groups,
    covers: smallFrame().covers,
  });
  expect(faulty).toEqual(['cpu_utilization_ratio']);
});

test('holds 65 full entities, 256 flows and 64 groups within the largest frame', () => {
  const next = random(3);
  const gpu = (index: number) => randomRow('gpu', index, `GPU-${index}`.padEnd(128, 'x'), 1, next);
  const frame: Frame = {
    ...smallFrame(),
    entities: [randomRow('host', 0, '', 1, next), ...Array.from({ length: 64 }, (_, i) => gpu(i))],
    flows: Array.from({ length: 256 }, () => smallFrame().flows).flat(),
    groups: Array.from({ length: 64 }, () => ({
      label: 'x'.repeat(512),
      ...NO_WORK,
    })),
  };
  expect(decodeFrame(encodeFrame(frame)).frame).toEqual(frame);
});

function withGauge(value: number, column = 'cpu_utilization_ratio'): Frame {
  const row = emptyRow('host');
  row.gauges[gaugeOrdinal('host', column)] = value;
  return { ...smallFrame(), entities: [row] };
}

test.each([
  // value sent, value read, faulty
  [1, 1, 0],
  [1 + 2 ** -22, 1, 0],
  [1.0000001, 1, 0],
  [1.00001, Number.NaN, 1],
  [-1e-7, 0, 0],
  [-1e-5, Number.NaN, 1],
  [Number.POSITIVE_INFINITY, Number.NaN, 1],
  [Number.NEGATIVE_INFINITY, Number.NaN, 1],
])('reads the ratio %d as %d', (sent, read, faults) => {
  const { frame, faulty } = decodeFrame(encodeFrame(withGauge(sent)));
  expect(frame.entities[0]?.gauges[0]).toBe(read);
  expect(faulty).toEqual(Array.from({ length: faults }, () => 'cpu_utilization_ratio'));
});

test.each([
  [50_000, 50_000, []],
  [50_001, Number.NaN, ['node_power_watts_max']],
  [-1, Number.NaN, ['node_power_watts_max']],
])('makes a power of %d W %d', (sent, read, names) => {
  const { frame, faulty } = decodeFrame(encodeFrame(withGauge(sent, 'node_power_watts_max')));
  expect(frame.entities[0]?.gauges[gaugeOrdinal('host', 'node_power_watts_max')]).toBe(read);
  expect(faulty).toEqual(names);
});

test('names an absurd counter of each GPU', () => {
  const gpus = [0, 1].map((index) => {
    const row = emptyRow('gpu', index);
    row.counters[0] = -1;
    return row;
  });
  const { frame, faulty } = decodeFrame(encodeFrame({ ...smallFrame(), entities: gpus }));
  expect(frame.entities.map((row) => row.counters[0])).toEqual([Number.NaN, Number.NaN]);
  expect(faulty).toEqual(['gpu_energy_joules_total', 'gpu_energy_joules_total']);
});

test('leaves out a flow or a group with an absurd number, and says so', () => {
  const { flows, groups } = smallFrame();
  const bad: Frame = {
    ...smallFrame(),
    flows: [...flows, ...flows.map((flow) => ({ ...flow, bytesUp: Number.NaN }))],
    groups: [...groups.map((group) => ({ ...group, cpuUtilizationRatio: 7 })), ...groups],
  };
  const { frame, faulty } = decodeFrame(encodeFrame(bad));
  expect(frame).toEqual(smallFrame());
  expect(faulty).toEqual(['flow', 'group']);
});

test.each<[string, Partial<Frame>]>([
  ['node', { node: 'a b' }],
  ['site', { site: '' }],
  ['identifier', { boot: 'AA' }],
  ['sequence', { sequence: 0 }],
  ['sequence', { sequence: 1.5 }],
  ['sequence', { sequence: 2 ** 40 + 1 }],
  ['endMs', { endMs: Number.NaN }],
  ['intervalMs', { intervalMs: 0 }],
  ['previous', { previous: new Uint8Array(31) }],
  ['entity', { entities: [emptyRow('host'), emptyRow('host')] }],
  ['entity index', { entities: [emptyRow('host', 1)] }],
  ['entity index', { entities: [emptyRow('gpu', 64)] }],
  ['entity id', { entities: [emptyRow('gpu', 0, 'a/b')] }],
  ['gauges', { entities: [{ ...emptyRow('host'), gauges: new Float32Array(3) }] }],
  ['flows', { flows: Array.from({ length: 257 }, () => smallFrame().flows).flat() }],
  ['group label', { groups: [{ label: '', ...NO_WORK }] }],
  ['group label', { groups: [{ label: 'é'.repeat(257), ...NO_WORK }] }],
  ['covers.from', { covers: [{ from: 3, to: 2 }] }],
  ['covers.to', { covers: [{ from: 1, to: 2 ** 40 + 1 }] }],
])('refuses to write a frame whose %s no reader would take (%j)', (what, wrong) => {
  expect(() => encodeFrame({ ...smallFrame(), ...wrong })).toThrow(new RegExp(`^${what}.*expected`));
});
