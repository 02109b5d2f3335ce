import { expect, test } from 'vitest';
import { murmur2, partitionOf } from '#libs/bus/partition.ts';

/** https://github.com/apache/kafka/blob/3.9.0/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java#L76 */
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('hashes %s as Kafka does', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('spreads keys over all partitions, evenly enough', () => {
  const counts = new Array<number>(12).fill(0);
  for (let node = 0; node < 12_000; node++) {
    const partition = partitionOf(`node-${node}`, 12);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1_150);
});
