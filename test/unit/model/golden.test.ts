import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ENTITY_KINDS, LAYOUT_ID, LAYOUTS } from '#libs/model/catalogue.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { emptyRow, type Frame } from '#libs/model/frame.ts';

const golden = new URL('../../golden/', import.meta.url);

/** One line a column: `host gauge 0 cpu_utilization_ratio 1`. */
function ordinals(): string[] {
  return ENTITY_KINDS.flatMap((kind) =>
    (['gauges', 'counters'] as const).flatMap((list) =>
      LAYOUTS[kind][list].map(
        ({ name, metric }, ordinal) => `${kind} ${list.slice(0, -1)} ${ordinal} ${name} ${metric.unit}`,
      ),
    ),
  );
}

test('keeps every ordinal that was ever published', async () => {
  const published = (await readFile(new URL('catalogue.txt', golden), 'utf8')).trimEnd().split('\n');
  expect(ordinals().filter((line) => published.includes(line))).toEqual(published);
});

test('publishes every ordinal of the catalogue', async () => {
  await expect(`${ordinals().join('\n')}\n`).toMatchFileSnapshot(new URL('catalogue.txt', golden).pathname);
});

test('raises the layout id with the number of columns', () => {
  const columns = ENTITY_KINDS.map((kind) => LAYOUTS[kind].gauges.length + LAYOUTS[kind].counters.length);
  expect({ LAYOUT_ID, columns }).toEqual({ LAYOUT_ID: 3, columns: [62, 74] });
});

test('has no more counters than one word of presence bits', () => {
  expect(Math.max(...ENTITY_KINDS.map((kind) => LAYOUTS[kind].counters.length))).toBeLessThanOrEqual(32);
});

test('writes and reads the published example', async () => {
  const hex = (await readFile(new URL('frame.hex', golden), 'utf8')).replaceAll(/\s/g, '');
  expect(Buffer.from(encodeFrame(exampleFrame())).toString('hex')).toBe(hex);
  expect(decodeFrame(Buffer.from(hex, 'hex'))).toEqual({ frame: exampleFrame(), faulty: [] });
});

/** The example of libs/model/README.md. */
function exampleFrame(): Frame {
  const host = emptyRow('host');
  host.gauges.set([0.25, 0.125, 0, 0.5, 310.5]);
  host.gauges[32] = 0.75;
  host.counters.set([123_456.5, 1e12]);
  const gpu = emptyRow('gpu', 3, 'GPU-5f6d0c1e-1111-2222-3333-444455556666');
  gpu.gauges.set([402.25, 3.5, 390, 410]);
  gpu.counters[0] = 9_876_543.21;
  return {
    node: 'node-17',
    site: 'park-a',
    boot: '00112233445566778899aabbccddeeff',
    sequence: 300,
    endMs: 1_790_000_000_000,
    intervalMs: 10_000,
    samples: 10,
    previous: Uint8Array.from({ length: 32 }, (_, i) => i),
    entities: [host, gpu],
    flows: [
      {
        peer: '8877665544332211',
        ageSeconds: 86_400,
        bytesUp: 1_200,
        bytesDown: 3_400,
        activeSecondsUp: 2,
        activeSecondsDown: 3,
      },
    ],
    groups: [
      {
        label: 'system.slice/train.service',
        cpuUtilizationRatio: 0.125,
        memoryBytes: 4_294_967_296,
        gpuUtilizationRatio: 0.75,
        gpuMemoryBytes: 68_719_476_736,
      },
    ],
    covers: [],
  };
}
