import { NodeStage } from '#libs/detect/node-stage.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { TierName } from '#libs/detect/tier.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { persists } from '#libs/stats/persistence.ts';
import { sha256 } from '#services/detector/hash.ts';

export const SITE = 'simulated-evasion';

/** What stage 1 says of one node's window. */
export interface StageOutput {
  readonly summaries: readonly Uint8Array[];
  readonly assessments: readonly Assessment[];
}

/** What stage 1 said of an honest node, by the tick it was said at. */
export type Spoken = ReadonlyMap<number, StageOutput>;

/** What is noted of windows, whether or not a finding of a declared node may rest on it: rules, and verdicts that leave it open. */
export const RULES = ['behaviour', 'envelope', 'own-past', 'peers', 'cannot tell', 'unknown'] as const;
export type Rule = (typeof RULES)[number];
const GROUNDED = ['behaviour', 'envelope', 'own-past'] as const;

/** How one rule spoke over a run. */
export interface RuleVoice {
  /** Windows that stood out. */
  windows: number;
  /** End of the first window at which it would have persisted as long as a finding asks; null: never. */
  heldMs: number | null;
}

/** What one lane has to say of a run. Plain data. */
export interface Heard {
  /** Event time of the first deviation finding that raises an alert; null: there was none. */
  readonly findingMs: number | null;
  /** Rules of that finding's reasons, as it opened. */
  readonly rules: readonly string[];
  readonly windows: number;
  readonly voices: Readonly<Record<Rule, RuleVoice>>;
}

/** One node put through both stages of the detector, among peers whose stage 1 has spoken before. */
export class Lane implements Heard {
  findingMs: number | null = null;
  rules: readonly string[] = [];
  windows = 0;
  readonly voices: Readonly<Record<Rule, RuleVoice>> = {
    behaviour: { windows: 0, heldMs: null },
    envelope: { windows: 0, heldMs: null },
    'own-past': { windows: 0, heldMs: null },
    peers: { windows: 0, heldMs: null },
    'cannot tell': { windows: 0, heldMs: null },
    unknown: { windows: 0, heldMs: null },
  };
  /** What its own stage 1 said, by tick. */
  readonly spoken = new Map<number, { summaries: Uint8Array[]; assessments: Assessment[] }>();
  readonly #node: string;
  readonly #peers: readonly Spoken[];
  readonly #first: NodeStage;
  readonly #second: SiteStage;
  readonly #decoder = new FrameDecoder();
  #said: { summaries: Uint8Array[]; assessments: Assessment[] } = { summaries: [], assessments: [] };
  readonly #recent: Record<Rule, boolean[]> = {
    behaviour: [],
    envelope: [],
    'own-past': [],
    peers: [],
    'cannot tell': [],
    unknown: [],
  };
  #comparedMs = 0;

  constructor(node: string, register: Register, peers: readonly Spoken[], tier: TierName = 'rich') {
    this.#node = node;
    this.#peers = peers;
    this.#first = new NodeStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => register,
      tiers: { mode: tier, richEntities: 0, key: '' },
      summary: (_site, _node, _endMs, bytes) => this.#said.summaries.push(bytes.slice()),
      assessment: (one) => this.#said.assessments.push(one),
    });
    this.#second = new SiteStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => register,
      publish: ({ node: about, kind, status, severity, updatedMs, reasons }) => {
        const raises = kind === 'deviation' && status === 'open' && severity !== 'info';
        if (about !== node || !raises || this.findingMs !== null) return;
        this.findingMs = updatedMs;
        this.rules = [...new Set(reasons.map(({ rule }) => rule))];
      },
    });
  }

  heard(): Heard {
    const { findingMs, rules, windows, voices } = this;
    return { findingMs, rules, windows, voices };
  }

  /** @param rows used before the next call */
  frame(rows: DecodedRows, endMs: number): void {
    this.#first.frame(rows, endMs, () => 0);
  }

  /** The stream's clock: what was said up to now is heard by stage 2. */
  tick(timeMs: number): void {
    const tick = { index: Math.floor(timeMs / TICK_MS), timeMs };
    this.#first.tick(tick);
    const said = this.#said;
    this.#said = { summaries: [], assessments: [] };
    this.spoken.set(tick.index, said);
    this.#hear(said);
    for (const peer of this.#peers) this.#hear(peer.get(tick.index) ?? { summaries: [], assessments: [] });
    for (const one of said.assessments) this.#count(one);
    this.#second.tick(tick, 0);
    this.#countPeers();
  }

  /** Closes the windows of a sample: nothing follows for hours. */
  endSample(endMs: number): void {
    for (let ticks = 1; ticks <= PARAMETERS.closeTicks + 1; ticks++)
      this.tick(endMs + PARAMETERS.peersDelayMs + ticks * TICK_MS);
  }

  #hear({ summaries, assessments }: StageOutput): void {
    for (const bytes of summaries) this.#second.summary(this.#decoder.decode(bytes));
    for (const one of assessments) this.#second.assessment(one);
  }

  #count(assessment: Assessment): void {
    if (!isWhole(assessment)) return;
    const { reasons, conformity, behaviours, windowEndMs } = assessment;
    this.windows++;
    for (const rule of GROUNDED) {
      const stoodOut = reasons.some((reason) => reason.rule === rule);
      this.#note(rule, windowEndMs, stoodOut);
    }
    this.#note('cannot tell', windowEndMs, conformity === 'cannot tell');
    this.#note('unknown', windowEndMs, mostLikely(behaviours) === 'B13');
  }

  /** What stage 2 keeps of its comparisons is read from its state: no finding of a declared node rests on it. */
  #countPeers(): void {
    const own = this.#second.dump().nodes.find(({ node }) => node === this.#node);
    for (const { endMs, deviates } of own?.compared ?? []) {
      if (endMs <= this.#comparedMs) continue;
      this.#comparedMs = endMs;
      this.#note('peers', endMs, deviates);
    }
  }

  #note(rule: Rule, endMs: number, stoodOut: boolean): void {
    const { openWindows, openOfWindows, warmUpWindows } = PARAMETERS;
    const voice = this.voices[rule];
    const recent = this.#recent[rule];
    recent.push(stoodOut);
    if (recent.length > openOfWindows) recent.shift();
    voice.windows += Number(stoodOut);
    const held = stoodOut && this.windows > warmUpWindows && persists(recent, openWindows, openOfWindows);
    if (held) voice.heldMs ??= endMs;
  }
}

/** Ends of the minutes of a sample. */
export function minutesOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number[] {
  return Array.from(
    { length: (toMs - fromMs) / SUMMARY_MS },
    (_, minute) => fromMs + (minute + 1) * SUMMARY_MS,
  );
}
