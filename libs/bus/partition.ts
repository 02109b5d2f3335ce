const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * 32-bit MurmurHash2 as Kafka's Java client computes it
 * (https://github.com/apache/kafka/blob/3.9.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java#L502),
 * so that a key stays on its partition whatever client writes it. O(length).
 */
export function murmur2(data: Uint8Array): number {
  const length = data.length;
  const view = new DataView(data.buffer, data.byteOffset, length);
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  for (let rest = length - 1; rest >= whole; rest--) hash ^= view.getUint8(rest) << ((rest - whole) * 8);
  if (length > whole) hash = Math.imul(hash, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** Partition of a key, 0 ≤ result < partitions: the same as Kafka's default partitioner. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
