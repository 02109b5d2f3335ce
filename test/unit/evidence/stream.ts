import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys, type NodeKeys } from '#libs/evidence/keys.ts';
import type { Seal } from '#libs/evidence/seal.ts';
import { type ChainOutcome, ChainVerifier } from '#libs/evidence/verify.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { emptyRow } from '#libs/model/frame.ts';

export interface Sent {
  readonly payload: Uint8Array;
  readonly seal: Seal | null;
}

const BOOT = 'b0'.repeat(16);
const START_MS = 1_790_000_000_000;

/** What an honest agent sends in one boot. @param load makes two streams of one identity differ. */
export function streamOf(
  length: number,
  { boot = BOOT, keys = generateKeys(), startMs = START_MS, load = 0.5 }: Partial<StreamOptions> = {},
): Sent[] {
  const chain = new Chain(boot, keys);
  return Array.from({ length }, (_, i) => {
    const row = emptyRow('host');
    row.gauges[0] = load;
    const payload = encodeFrame({
      node: 'node-1',
      site: 'site-1',
      boot,
      sequence: chain.nextSequence,
      endMs: startMs + 10_000 * i,
      intervalMs: 10_000,
      samples: 10,
      previous: chain.previous,
      entities: [row],
      flows: [],
      groups: [],
      covers: [],
    });
    return { payload, seal: chain.append(payload, i === length - 1) };
  });
}

interface StreamOptions {
  readonly boot: string;
  readonly keys: NodeKeys;
  readonly startMs: number;
  readonly load: number;
}

export function step(verifier: ChainVerifier, { payload, seal }: Sent): ChainOutcome {
  return verifier.step(0, decodeFrame(payload).frame, payload, seal);
}

export function verifyAll(stream: readonly Sent[], verifier = new ChainVerifier()): ChainOutcome[] {
  return stream.map((sent) => step(verifier, sent));
}

/** The outcomes in one string per frame: the joint, and the seal's state where there was one. */
export function told(outcomes: readonly ChainOutcome[]): string[] {
  return outcomes.map(({ joint, seal }) => (seal === 'none' ? joint : `${joint}, seal ${seal}`));
}
