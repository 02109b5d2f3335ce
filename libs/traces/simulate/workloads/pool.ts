import type { Activity } from '../activity.ts';
import type { Random } from '../random.ts';

/** The trickle between a miner and its pool. */
export interface PoolParameters {
  /** Mean seconds between shares found, and between new jobs sent. */
  readonly shareSeconds: number;
  readonly shareBytes: number;
  readonly jobSeconds: number;
  readonly jobBytes: number;
  readonly replyBytes: number;
}

/**
 * Calibrated on miner-5-days (2 B/s up, 9 B/s down, bytes up in 3 % of the seconds) and the six pool sessions
 * beside it (4 to 363 B/s up, 11 to 66 B/s down, gaps of 3 to 31 s): between them.
 */
export const STRATUM: PoolParameters = {
  shareSeconds: 22,
  shareBytes: 260,
  jobSeconds: 18,
  jobBytes: 380,
  replyBytes: 105,
};

/** A long-lived connection to one peer: shares up at random, replies and jobs down. */
export function poolSession(
  p: PoolParameters,
  random: Random,
  peer = 'pool',
): (into: Activity, share: number) => void {
  let toShare = random.exponential() * p.shareSeconds;
  let toJob = random.exponential() * p.jobSeconds;
  return (into, share) => {
    // Less work finds fewer shares; jobs come all the same.
    toShare -= share;
    toJob -= 1;
    let up = 0;
    let down = 0;
    for (; toShare <= 0; toShare += Math.max(0.01, random.exponential() * p.shareSeconds)) {
      up += p.shareBytes;
      down += p.replyBytes;
    }
    for (; toJob <= 0; toJob += Math.max(1, random.exponential() * p.jobSeconds)) down += p.jobBytes;
    into.flows.push({ peer, up, down });
  };
}
