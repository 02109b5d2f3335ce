import { NodeStage } from '#libs/detect/node-stage.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import type { TierName } from '#libs/detect/tier.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { TICK_MS, type Tick } from '#libs/model/tick.ts';
import { sha256 } from '#services/detector/hash.ts';

export const SITE = 'simulated-evasion';

/** What stage 1 says of one node's windows. */
export interface StageOutput {
  readonly summaries: readonly Uint8Array[];
  readonly assessments: readonly Assessment[];
}

/** What stage 1 said of an honest node, by the tick it was said at. */
export type Spoken = ReadonlyMap<number, StageOutput>;

/** Who is sent the frames of a node. */
export interface Listener {
  /** Event time at which it has heard enough; null: not yet. */
  readonly findingMs: number | null;
  /** @param rows used before the next call */
  frame(rows: DecodedRows, endMs: number): void;
  /** The stream's clock. */
  tick(timeMs: number): void;
}

export function tickAt(timeMs: number): Tick {
  return { index: Math.floor(timeMs / TICK_MS), timeMs };
}

/** Stage 1 of the detector for one node, and what it has said: all that others hear of a peer. */
export class Speaker implements Listener {
  readonly findingMs = null;
  /** By tick. */
  readonly spoken = new Map<number, StageOutput>();
  readonly #stage: NodeStage;
  #said: { summaries: Uint8Array[]; assessments: Assessment[] } = { summaries: [], assessments: [] };

  constructor(register: Register, tier: TierName = 'rich') {
    this.#stage = new NodeStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => register,
      tiers: { mode: tier, richEntities: 0, key: '' },
      summary: (_site, _node, _endMs, bytes) => this.#said.summaries.push(bytes.slice()),
      assessment: (one) => this.#said.assessments.push(one),
    });
  }

  frame(rows: DecodedRows, endMs: number): void {
    this.#stage.frame(rows, endMs, () => 0);
  }

  tick(timeMs: number): void {
    const tick = tickAt(timeMs);
    this.#stage.tick(tick);
    this.spoken.set(tick.index, this.#said);
    this.#said = { summaries: [], assessments: [] };
  }
}
