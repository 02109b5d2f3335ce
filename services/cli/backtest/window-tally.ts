import type { Assessment } from '#libs/model/assessment.ts';
import type { Behaviour, Conformity } from '#libs/model/behaviour.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { isWhole } from '#libs/model/whole-window.ts';

/** Late frames revise at most this many windows of a node; silence is assessed in between. */
const PENDING_WINDOWS = 8;

interface Verdict {
  readonly conformity: Conformity;
  readonly behaviour: Behaviour;
}

interface Pending {
  a: Verdict | null;
  b: Verdict | null;
  /** Frames arrived: the node was watched. */
  watched: boolean;
}

/** What became of one node's windows. */
export interface NodeTally {
  readonly node: string;
  readonly site: string;
  /** Assessed by either version; those of silence among them. */
  windows: number;
  /** … from frames. */
  watched: number;
  /** Assessed by one version alone. */
  onlyA: number;
  onlyB: number;
  /** Assessed by both, with another conformity, or another most likely behaviour. */
  conformity: number;
  behaviour: number;
}

interface NodeWindows {
  readonly tally: NodeTally;
  readonly pending: Map<number, Pending>;
  /** Windows up to here are counted. */
  upToMs: number;
}

/** How often a verdict became another, by the words of both axes. */
export interface Turn {
  readonly axis: 'conformity' | 'behaviour';
  readonly a: string;
  readonly b: string;
  readonly windows: number;
}

/** Counts where two versions say otherwise of a window, in memory for a few windows of each node. */
export class WindowTally {
  readonly #nodes = new Map<string, NodeWindows>();
  readonly #turns = new Map<string, number>();

  /** Notes what one version says of a whole window; the newest of a window's revisions counts. */
  verdict(side: 'a' | 'b', assessment: Assessment): void {
    if (!isWhole(assessment)) return;
    const { node, site, windowEndMs } = assessment;
    const own = this.#nodes.get(node) ?? newNode(node, site);
    this.#nodes.set(node, own);
    if (windowEndMs <= own.upToMs) return;
    const pending = own.pending.get(windowEndMs) ?? { a: null, b: null, watched: false };
    pending[side] = {
      conformity: assessment.conformity,
      behaviour: mostLikely(assessment.behaviours),
    };
    pending.watched ||= assessment.heartbeat === 'present' && assessment.coverageRatio > 0;
    own.pending.set(windowEndMs, pending);
  }

  /** Counts what can no longer change. Between two records: both versions have spoken by then. */
  settle(): void {
    for (const own of this.#nodes.values()) this.#settle(own, PENDING_WINDOWS);
  }

  /** Counts what is left. @returns nodes by name, and turns by how often */
  end(): { readonly nodes: readonly NodeTally[]; readonly turns: readonly Turn[] } {
    for (const own of this.#nodes.values()) this.#settle(own, 0);
    const nodes = [...this.#nodes.values()].map(({ tally }) => tally);
    const turns = [...this.#turns].map(([key, windows]) => {
      const [axis, a, b] = JSON.parse(key) as [Turn['axis'], string, string];
      return { axis, a, b, windows };
    });
    return {
      nodes: nodes.sort((x, y) => (x.node < y.node ? -1 : 1)),
      turns: turns.sort((x, y) => y.windows - x.windows || (x.a + x.b < y.a + y.b ? -1 : 1)),
    };
  }

  #settle(own: NodeWindows, keep: number): void {
    if (own.pending.size <= keep) return;
    const ends = [...own.pending.keys()].sort((x, y) => x - y);
    for (const endMs of ends.slice(0, ends.length - keep)) {
      this.#count(own.tally, own.pending.get(endMs) as Pending);
      own.pending.delete(endMs);
      own.upToMs = endMs;
    }
  }

  #count(tally: NodeTally, { a, b, watched }: Pending): void {
    tally.windows++;
    tally.watched += Number(watched);
    if (a === null || b === null) {
      tally.onlyA += Number(b === null);
      tally.onlyB += Number(a === null);
      return;
    }
    for (const axis of ['conformity', 'behaviour'] as const) {
      if (a[axis] === b[axis]) continue;
      tally[axis]++;
      const key = JSON.stringify([axis, a[axis], b[axis]]);
      this.#turns.set(key, (this.#turns.get(key) ?? 0) + 1);
    }
  }
}

function newNode(node: string, site: string): NodeWindows {
  const tally = { node, site, windows: 0, watched: 0, onlyA: 0, onlyB: 0, conformity: 0, behaviour: 0 };
  return { tally, pending: new Map(), upToMs: Number.NEGATIVE_INFINITY };
}
