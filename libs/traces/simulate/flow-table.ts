import type { Flow } from '#libs/model/frame.ts';
import type { FlowActivity } from './activity.ts';

/** A connection is long-lived from this age on, as the agent counts it. */
const LONG_LIVED_SECONDS = 600;

interface Connection {
  readonly sinceMs: number;
  bytesUp: number;
  bytesDown: number;
  activeSecondsUp: number;
  activeSecondsDown: number;
}

/** Sums up the connections of one machine over an interval, as the agent does: bytes, age and rhythm. */
export class FlowTable {
  readonly #salt: string;
  readonly #open = new Map<string, Connection>();

  /** @param salt stands for the node's secret: the same peer has another name on another node */
  constructor(salt: string) {
    this.#salt = salt;
  }

  /** Takes in one second; a connection that is not in it has been closed. */
  second(timeMs: number, flows: readonly FlowActivity[]): void {
    for (const { peer, up, down } of flows) {
      const known = this.#open.get(peer) ?? connection(timeMs - 1000);
      known.bytesUp += Math.round(up);
      known.bytesDown += Math.round(down);
      known.activeSecondsUp += Number(up >= 1);
      known.activeSecondsDown += Number(down >= 1);
      this.#open.set(peer, known);
    }
    if (this.#open.size === flows.length) return;
    const present = new Set(flows.map(({ peer }) => peer));
    for (const peer of this.#open.keys()) if (!present.has(peer)) this.#open.delete(peer);
  }

  longLived(timeMs: number): number {
    let count = 0;
    for (const { sinceMs } of this.#open.values())
      count += Number(timeMs - sinceMs >= LONG_LIVED_SECONDS * 1000);
    return count;
  }

  /** The interval's flows; counting begins anew. */
  take(endMs: number): Flow[] {
    return [...this.#open].map(([peer, one]) => {
      const { sinceMs, ...counts } = one;
      Object.assign(one, { bytesUp: 0, bytesDown: 0, activeSecondsUp: 0, activeSecondsDown: 0 });
      return { peer: nameOf(`${this.#salt}/${peer}`), ageSeconds: (endMs - sinceMs) / 1000, ...counts };
    });
  }
}

const connection = (sinceMs: number): Connection => ({
  sinceMs,
  bytesUp: 0,
  bytesDown: 0,
  activeSecondsUp: 0,
  activeSecondsDown: 0,
});

/** 16 hex digits from a text: FNV-1a over two offsets. It hides nothing; simulated peers have nothing to hide. */
function nameOf(text: string): string {
  return [0x811c9dc5, 0x01234567].map((offset) => fnv(text, offset).toString(16).padStart(8, '0')).join('');
}

function fnv(text: string, offset: number): number {
  let hash = offset;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
