/** Numbers of a slab that one window takes: the highest sequence seen, and 64 bits of which lie behind it. */
export const SEQUENCE_WINDOW = 3;
const WIDTH = 64;

/** `old`: too far behind the highest to be known. */
export type Admission = 'new' | 'seen' | 'old';

/**
 * Admits a sequence number once (the anti-replay window of RFC 4303, §3.4.3, 64 wide). O(1).
 * @param sequence ≥ 1; all zeros in the slab mean that nothing was seen
 */
export function admit(data: Float64Array, at: number, sequence: number): Admission {
  const ahead = sequence - data[at]!;
  if (ahead > 0) {
    data[at] = sequence;
    shift(data, at, ahead);
    return 'new';
  }
  const behind = -ahead;
  if (behind >= WIDTH) return 'old';
  const word = at + 1 + (behind >>> 5);
  const bit = 1 << (behind & 31);
  if ((data[word]! & bit) !== 0) return 'seen';
  data[word] = (data[word]! | bit) >>> 0;
  return 'new';
}

/** Moves the 64 bits by `ahead` and marks the new highest. */
function shift(data: Float64Array, at: number, ahead: number): void {
  const low = data[at + 1]!;
  const high = data[at + 2]!;
  if (ahead >= WIDTH) {
    data[at + 1] = 1;
    data[at + 2] = 0;
  } else if (ahead >= 32) {
    data[at + 1] = 1;
    data[at + 2] = (low << (ahead - 32)) >>> 0;
  } else {
    data[at + 1] = ((low << ahead) | 1) >>> 0;
    data[at + 2] = ((high << ahead) | (low >>> (32 - ahead))) >>> 0;
  }
}
