import type { Assessment } from '#libs/model/assessment.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Reading } from '#libs/model/reading.ts';
import { TICK_MS, type Tick } from '#libs/model/tick.ts';
import { endBlind, openBlind, reconsiderBlind } from './blindness.ts';
import { judgeDeviation } from './deviation.ts';
import { closeEpisode, type Evidence, openEpisode } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { Register } from './register.ts';
import { retire } from './retire.ts';
import { peers } from './rules/peers.ts';
import { newSiteNode, noteWindow, quoteOf, type SiteNode, takeOnce } from './site-state.ts';
import { powerOf, TRACKED_METRICS, trackedMeans } from './tracked.ts';

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
    if (rows.endMs <= this.#peersUpToMs) return;
    const others = node.means.filter(({ endMs }) => endMs !== rows.endMs);
    node.means = [...others, { endMs: rows.endMs, means: trackedMeans(rows) }].slice(-KEPT_MEANS);
  }

  assessment(assessment: Assessment): void {
    const node = this.#node(assessment.node, assessment.site);
    if (assessment.heartbeat !== 'present') this.#silence(node, assessment);
    else if (assessment.reasons.some(({ rule }) => rule === 'clock')) this.#clock(node, assessment);
    else this.#window(node, assessment);
  }

  reading({ node: name, site, endMs, powerWatts }: Reading): void {
    if (name === null || powerWatts === null) return;
    const node = this.#node(name, site);
    if (node.reading !== null && node.reading.endMs >= endMs) return;
    node.reading = { endMs, powerWatts };
    const { parameters, hash, publish } = this.#options;
    reconsiderBlind(node, parameters, hash, publish);
  }

  readingsTick(tick: Tick): void {
    this.#readingsTick = Math.max(this.#readingsTick, tick.index);
    this.#settleBlind();
  }

  /** @param origin partition of stage 1 that forwarded the tick: all it says up to then has come before it */
  tick(tick: Tick, origin: number): void {
    if (tick.index <= (this.#origins.get(origin) ?? -1)) return;
    this.#origins.set(origin, tick.index);
    this.#retire(tick.timeMs);
    this.#settleBlind();
    this.#comparePeers();
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
      deviates: conformity === 'deviates',
      changed: has('own-past') || has('behaviour'),
      cloned: has('clone'),
    });
    if (!fresh) return;
    const { parameters, hash, publish } = this.#options;
    if (node.notes.at(-1)?.endMs === endMs) this.#renew(node, assessment);
    node.heartbeat = 'present';
    endBlind(node, endMs, publish);
    judgeDeviation(node, parameters, hash, publish);
    this.#judgeClone(node, assessment);
    this.#endClock(node, endMs);
  }

  #renew(node: SiteNode, assessment: Assessment): void {
    node.tenant = assessment.tenant;
    node.declaration = assessment.declaration;
    node.quote = quoteOf(assessment);
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

  #clock(node: SiteNode, assessment: Assessment): void {
    if (!takeOnce(node, assessment.revision)) return;
    node.sinceClock = 0;
    node.tenant = assessment.tenant;
    if (node.open.clock === undefined) this.#open(node, 'clock', assessment, 'low');
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
    const { windowEndMs, revision } = assessment;
    const evidence = { ...quoteOf(assessment), severity, assessments: [{ windowEndMs, revision }] };
    const { hash, publish } = this.#options;
    openEpisode(node, kind, windowEndMs, windowEndMs, evidence, hash, publish);
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

  #comparePeers(): void {
    const untilMs = this.#watermarkMs() - this.#options.parameters.peersDelayMs;
    const ends = new Set<number>();
    for (const { means } of this.#nodes.values()) {
      for (const { endMs } of means) if (endMs > this.#peersUpToMs && endMs <= untilMs) ends.add(endMs);
    }
    for (const endMs of [...ends].sort((a, b) => a - b)) {
      for (const group of this.#groups(endMs).values()) this.#compare(group, endMs);
      this.#peersUpToMs = endMs;
    }
  }

  /** Nodes with a summary of this window, by what makes them peers. Nodes of unknown hardware have none. */
  #groups(endMs: number): Map<string, SiteNode[]> {
    const groups = new Map<string, SiteNode[]>();
    const { nodes } = this.#options.register();
    for (const node of [...this.#nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1))) {
      const hardware = nodes.get(node.node)?.hardware ?? null;
      if (hardware === null || !node.means.some((means) => means.endMs === endMs)) continue;
      const key = JSON.stringify([node.site, node.tenant, node.declaration, hardware]);
      const group = groups.get(key) ?? [];
      group.push(node);
      groups.set(key, group);
    }
    return groups;
  }

  #compare(group: readonly SiteNode[], endMs: number): void {
    const { parameters, hash, publish } = this.#options;
    const members = group.map(({ node, means }) => ({
      node,
      means: Float64Array.from(
        means.find((one) => one.endMs === endMs)?.means ?? [],
        (mean) => mean ?? Number.NaN,
      ),
    }));
    const grounds = peers(members, TRACKED_METRICS, parameters);
    for (const node of group) {
      node.peerGrounds = grounds.get(node.node) ?? [];
      node.compared = [...node.compared, { endMs, deviates: grounds.has(node.node) }].slice(-16);
      judgeDeviation(node, parameters, hash, publish);
    }
  }
}
