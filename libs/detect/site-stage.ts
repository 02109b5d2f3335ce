import type { Assessment } from '#libs/model/assessment.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import type { Finding } from '#libs/model/finding.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { Reading } from '#libs/model/reading.ts';
import { TICK_MS, type Tick } from '#libs/model/tick.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { endBlind, noteLoad, openBlind, reconsiderBlind } from './blindness.ts';
import { judgeDeviation } from './deviation.ts';
import { compareEnergy, noteInBand, noteMeter, powerAgrees } from './energy.ts';
import { closeEpisode, type Evidence, openEpisode, updateEpisode } from './episodes.ts';
import { powerOf } from './in-band-power.ts';
import { jobOf } from './jobs.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import { comparePeers, peerGroups } from './peering.ts';
import { declarationInForce, type Register } from './register.ts';
import { retire } from './retire.ts';
import { begunAnew } from './sequential/standing.ts';
import { evidenceOf } from './sequential/statistic.ts';
import { newSiteNode, noteWindow, quoteOf, type SiteNode, takeOnce } from './site-state.ts';
import { trackedMeans } from './tracked.ts';
import { gradeBeside } from './trust.ts';
import { judgeUnexplained } from './unexplained.ts';
import { besideMeter } from './unseen.ts';

/** Windows whose means wait for the comparison with peers. */
const KEPT_MEANS = 4;

export interface SiteStageOptions {
  readonly parameters: DetectParameters;
  readonly hash: Hash;
  readonly register: () => Register;
  readonly publish: (finding: Finding) => void;
}

/** The state of stage 2, as JSON. */
export interface SiteStageState {
  readonly nodes: readonly SiteNode[];
  /** Newest tick by the partition of stage 1 that forwarded it. */
  readonly origins: readonly (readonly [origin: number, index: number])[];
  readonly readingsTick: number;
  readonly peersUpToMs: number;
}

/**
 * Stage 2 of the detector for the sites of one partition: summaries, assessments, readings and ticks in, findings
 * out. What it says depends on what it is given, in its order, and on the register.
 */
export class SiteStage {
  readonly #options: SiteStageOptions;
  readonly #nodes = new Map<string, SiteNode>();
  readonly #origins = new Map<number, number>();
  #readingsTick = -1;
  #peersUpToMs = 0;

  constructor(options: SiteStageOptions) {
    this.#options = options;
  }

  summary(rows: DecodedRows): void {
    const node = this.#node(rows.node, rows.site);
    node.powerWatts = powerOf(rows) ?? node.powerWatts;
    noteInBand(node, rows, this.#options.parameters);
    if (rows.endMs <= this.#peersUpToMs) return;
    const others = node.means.filter(({ endMs }) => endMs !== rows.endMs);
    const said = { endMs: rows.endMs, means: trackedMeans(rows), job: jobOf(rows.groups) };
    node.means = [...others, said].slice(-KEPT_MEANS);
  }

  assessment(assessment: Assessment): void {
    if (!isWhole(assessment)) return;
    const node = this.#node(assessment.node, assessment.site);
    if (assessment.heartbeat !== 'present') this.#silence(node, assessment);
    else if (isUnused(assessment)) this.#clockAhead(node, assessment);
    else this.#window(node, assessment);
  }

  reading(reading: Reading): void {
    const { node: name, site, endMs, powerWatts } = reading;
    if (name === null || powerWatts === null) return;
    const node = this.#node(name, site);
    noteMeter(node, reading);
    if (node.reading !== null && node.reading.endMs >= endMs) return;
    node.reading = { endMs, powerWatts };
    noteLoad(node, this.#options.parameters);
  }

  readingsTick(tick: Tick): void {
    this.#readingsTick = Math.max(this.#readingsTick, tick.index);
    this.#settleBlind();
    this.#compareMeters();
  }

  /** @param origin partition of stage 1 that forwarded the tick: all it says up to then has come before it */
  tick(tick: Tick, origin: number): void {
    if (tick.index <= (this.#origins.get(origin) ?? -1)) return;
    this.#origins.set(origin, tick.index);
    this.#retire(tick.timeMs);
    this.#settleBlind();
    this.#comparePeers();
    this.#compareMeters();
  }

  dump(): SiteStageState {
    return {
      nodes: [...this.#nodes.values()],
      origins: [...this.#origins],
      readingsTick: this.#readingsTick,
      peersUpToMs: this.#peersUpToMs,
    };
  }

  restore(state: SiteStageState): void {
    this.#nodes.clear();
    this.#origins.clear();
    for (const node of state.nodes) this.#nodes.set(node.node, node);
    for (const [origin, index] of state.origins) this.#origins.set(origin, index);
    this.#readingsTick = state.readingsTick;
    this.#peersUpToMs = state.peersUpToMs;
  }

  #node(name: string, site: string): SiteNode {
    const known = this.#nodes.get(name) ?? newSiteNode(name, site);
    this.#nodes.set(name, known);
    known.site = site;
    return known;
  }

  #window(node: SiteNode, assessment: Assessment): void {
    const { windowEndMs: endMs, revision, conformity, reasons } = assessment;
    const has = (rule: string) => reasons.some((reason) => reason.rule === rule);
    const fresh = noteWindow(node, {
      endMs,
      revision,
      declared: assessment.declaration !== null,
      deviates: conformity === 'deviates' && has('envelope'),
      changed: has('own-past') || has('drift'),
      cloned: has('clone'),
      evidence: evidenceOf(assessment.logOdds, this.#options.parameters.rarePrior),
    });
    if (!fresh) return;
    const { parameters, hash, publish } = this.#options;
    if (node.notes.at(-1)?.endMs === endMs) this.#renew(node, assessment);
    node.heartbeat = 'present';
    endBlind(node, endMs, publish);
    judgeDeviation(node, parameters, hash, publish);
    const declaration = declarationInForce(this.#options.register(), node.node, endMs);
    judgeUnexplained(node, assessment, declaration, parameters, hash, publish);
    this.#judgeClone(node, assessment);
    if (has('clock')) this.#clock(node, assessment);
    else this.#endClock(node, endMs);
  }

  #renew(node: SiteNode, assessment: Assessment): void {
    node.tenant = assessment.tenant;
    // Evidence against one declaration is none against another.
    if (node.declaration !== assessment.declaration) node.gathered = begunAnew(assessment.windowStartMs);
    node.declaration = assessment.declaration;
    const agree = powerAgrees(node, assessment.windowEndMs, this.#options.parameters);
    const contradict = node.open['energy mismatch'] !== undefined;
    const quote = { ...quoteOf(assessment), grade: gradeBeside(assessment, agree, contradict) };
    node.quote = agree ? { ...quote, unseen: besideMeter(quote.unseen) } : quote;
  }

  #silence(node: SiteNode, assessment: Assessment): void {
    if (!takeOnce(node, assessment.revision)) return;
    node.heartbeat = assessment.heartbeat;
    if (assessment.heartbeat !== 'blind' || this.#isGone(node)) return;
    node.tenant = assessment.tenant;
    const tick = this.#newestTick();
    const isOpen = node.open.blind !== undefined || node.open['blind with load'] !== undefined;
    if (!isOpen) node.pending ??= { assessment, tick };
    this.#settle(node, tick);
  }

  /** By event time: a replay of what was before finds what was found then. */
  #isGone({ node }: SiteNode): boolean {
    const atMs = this.#options.register().decommissioned.get(node);
    return atMs !== undefined && atMs <= (this.#newestTick() + 1) * TICK_MS;
  }

  #retire(timeMs: number): void {
    for (const [name, atMs] of this.#options.register().decommissioned) {
      const node = this.#nodes.get(name);
      if (node && atMs <= timeMs) retire(node, atMs, this.#options.publish);
    }
  }

  #settleBlind(): void {
    const tick = this.#newestTick();
    for (const node of this.#nodes.values()) this.#settle(node, tick);
  }

  /** The two topics have no common order: a blind node waits for the readings' own clock, and not for ever. */
  #settle(node: SiteNode, tick: number): void {
    const { pending } = node;
    const { parameters, hash, publish } = this.#options;
    if (pending === null) return;
    if (this.#readingsTick < pending.tick && tick < pending.tick + parameters.readingsWaitTicks) return;
    node.pending = null;
    openBlind(node, pending.assessment, parameters, hash, publish);
  }

  #clockAhead(node: SiteNode, assessment: Assessment): void {
    if (!takeOnce(node, assessment.revision)) return;
    node.tenant = assessment.tenant;
    this.#clock(node, assessment);
  }

  /** What is wrong for long keeps a node from being assessed, or from being compared: that is no small thing. */
  #clock(node: SiteNode, assessment: Assessment): void {
    node.sinceClock = 0;
    const { parameters, publish } = this.#options;
    const { windowEndMs } = assessment;
    const openedMs = node.open.clock?.openedMs ?? null;
    if (openedMs === null) this.#open(node, 'clock', assessment, 'low');
    else if (windowEndMs - openedMs >= parameters.clockMediumMinutes * SUMMARY_MS)
      updateEpisode(node, 'clock', windowEndMs, evidenceFrom(assessment, 'medium'), publish);
  }

  #endClock(node: SiteNode, endMs: number): void {
    if (node.sinceClock === null) return;
    node.sinceClock++;
    if (node.sinceClock < this.#options.parameters.closeWindows) return;
    node.sinceClock = null;
    closeEpisode(node, 'clock', endMs, this.#options.publish);
  }

  #judgeClone(node: SiteNode, assessment: Assessment): void {
    const recent = node.notes.slice(-this.#options.parameters.closeWindows);
    const cloned = recent.some((note) => note.cloned);
    if (node.open.clone === undefined && cloned) this.#open(node, 'clone', assessment, 'high');
    else if (!cloned) closeEpisode(node, 'clone', assessment.windowEndMs, this.#options.publish);
  }

  #open(
    node: SiteNode,
    kind: 'clock' | 'clone',
    assessment: Assessment,
    severity: Evidence['severity'],
  ): void {
    const { windowEndMs } = assessment;
    const { hash, publish } = this.#options;
    openEpisode(node, kind, windowEndMs, windowEndMs, evidenceFrom(assessment, severity), hash, publish);
  }

  #newestTick(): number {
    return Math.max(-1, ...this.#origins.values());
  }

  /** What every partition of stage 1 has reached, but those that lag so far that they would hold up the others. */
  #watermarkMs(): number {
    const newest = this.#newestTick();
    let oldest = newest;
    for (const index of this.#origins.values()) {
      if (index >= newest - this.#options.parameters.laggingTicks) oldest = Math.min(oldest, index);
    }
    return oldest * TICK_MS;
  }

  /** Up to when all that nodes said has been heard. */
  #heardMs(): number {
    return this.#watermarkMs() - this.#options.parameters.peersDelayMs;
  }

  #comparePeers(): void {
    const untilMs = this.#heardMs();
    const ends = new Set<number>();
    for (const { means } of this.#nodes.values()) {
      for (const { endMs } of means) if (endMs > this.#peersUpToMs && endMs <= untilMs) ends.add(endMs);
    }
    const { parameters, hash, publish, register } = this.#options;
    for (const endMs of [...ends].sort((a, b) => a - b)) {
      for (const group of peerGroups(this.#nodes.values(), endMs, register())) {
        comparePeers(group, endMs, parameters);
        for (const node of group) judgeDeviation(node, parameters, hash, publish);
      }
      this.#peersUpToMs = endMs;
    }
  }

  /** What nodes and meters said of the same time is compared when both have been heard. */
  #compareMeters(): void {
    const { parameters, hash, publish } = this.#options;
    const heardMs = this.#heardMs();
    const untilMs = Math.min(heardMs, this.#readingsTick * TICK_MS - parameters.peersDelayMs);
    for (const node of this.#nodes.values()) {
      reconsiderBlind(node, heardMs, parameters, hash, publish);
      compareEnergy(node, untilMs, parameters, hash, publish);
    }
  }
}

/** Of a clock that is ahead: no window, but a word on frames whose values are not used. */
function isUnused({ coverageRatio, reasons }: Assessment): boolean {
  return coverageRatio === 0 && reasons.some(({ rule }) => rule === 'clock');
}

function evidenceFrom(assessment: Assessment, severity: Evidence['severity']): Evidence {
  const { windowEndMs, revision } = assessment;
  return { ...quoteOf(assessment), severity, assessments: [{ windowEndMs, revision }] };
}
