import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { TierName } from '#libs/detect/tier.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { persists } from '#libs/stats/persistence.ts';
import { sha256 } from '#services/detector/hash.ts';
import { type Listener, Speaker, type Spoken, type StageOutput, tickAt } from './speaker.ts';

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

const NOTHING: StageOutput = { summaries: [], assessments: [] };

/** One node put through both stages of the detector, among peers whose stage 1 has spoken before. */
export class Lane implements Heard, Listener {
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
  readonly #node: string;
  readonly #peers: readonly Spoken[];
  readonly #first: Speaker;
  readonly #second: SiteStage;
  readonly #decoder = new FrameDecoder();
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
    this.#first = new Speaker(register, tier);
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
    this.#first.frame(rows, endMs);
  }

  /** What was said up to now is heard by stage 2. */
  tick(timeMs: number): void {
    const tick = tickAt(timeMs);
    this.#first.tick(timeMs);
    const said = this.#first.spoken.get(tick.index) ?? NOTHING;
    this.#hear(said);
    for (const peer of this.#peers) this.#hear(peer.get(tick.index) ?? NOTHING);
    for (const one of said.assessments) this.#count(one);
    this.#second.tick(tick, 0);
    this.#countPeers();
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
