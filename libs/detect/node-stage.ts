import type { Assessment } from '#libs/model/assessment.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { Tick } from '#libs/model/tick.ts';
import { assess, type Judgement, judgementOf } from './assess.ts';
import { closedWindow, learn, remember } from './close.ts';
import type { EvidenceTables } from './evidence/model.ts';
import { SHIPPED_MODEL } from './evidence/shipped.ts';
import { FrameWatch } from './frame-watch.ts';
import { SHIPPED_HOST_MODEL } from './host-evidence/shipped.ts';
import { intake } from './intake.ts';
import { jobOf } from './jobs.ts';
import { isBehind } from './lag.ts';
import { NODE, NodeTable, type TableStrings } from './node-table.ts';
import type { NodeWindow } from './node-window.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { Register } from './register.ts';
import { admit } from './sequence-window.ts';
import { coverageOf, oldestOpen, openSlot, slotAt, slotsOf } from './slots.ts';
import { addRun, summaries } from './summary.ts';
import { SLOT, TIERS } from './tier.ts';
import { ALL_RICH, TierChoice, type TierPolicy } from './tiers/choice.ts';
import { move } from './tiers/move.ts';
import { CLONE, TRUST } from './trust.ts';
import { assessClock, assessSilence, silenceDue } from './unheard.ts';
import { type Draft, declaredAs, revise, type Subject, subjectOf } from './verdict.ts';

/** What became of a frame. Only `taken` frames are part of a window. */
export type FrameFate = 'taken' | 'duplicate' | 'late' | 'scattered' | 'clock';

export interface NodeStageOptions {
  readonly parameters: DetectParameters;
  readonly hash: Hash;
  /** The register as it is now. */
  readonly register: () => Register;
  /** What windows of known workloads look like; default: the model that is shipped. */
  readonly model?: EvidenceTables;
  /** The same of hosts without busy GPUs. */
  readonly hostModel?: EvidenceTables;
  /** Which nodes are rich; default: all. */
  readonly tiers?: TierPolicy;
  readonly summary: (site: string, node: string, windowEndMs: number, bytes: Uint8Array) => void;
  readonly assessment: (assessment: Assessment, json: string) => void;
}

/**
 * Checks a frame's place in its node's chain and its seal.
 * @param row the node's row, the same in every call
 * @returns flags of `TRUST`
 */
export type CheckChain = (row: number, rows: DecodedRows) => number;

export interface NodeStageState {
  readonly strings: TableStrings;
  readonly ticks: number;
  readonly tickIndex: number;
}

/**
 * Stage 1 of the detector for one partition: frames and ticks in, one-minute summaries and assessments out.
 * What it says depends on the frames, ticks and register it is given, in their order, and on nothing else.
 *
 * A node is `present`; `missed` after `missedTicks` ticks without a frame; `blind` after `blindTicks`; any frame
 * makes it present again. A window is open; closed and assessed by a frame beyond its grace or by `closeTicks`
 * ticks of silence; revised by a late frame; gone when a window three minutes younger begins, in the cheap tier two.
 */
export class NodeStage {
  readonly #options: NodeStageOptions;
  readonly #parametersHash: string;
  readonly #judgement: Judgement;
  readonly #tiers: TierChoice;
  readonly #frames: FrameWatch;
  #table = new NodeTable();
  #ticks = 0;
  #tickIndex = -1;

  constructor(options: NodeStageOptions) {
    this.#options = options;
    const { model = SHIPPED_MODEL, hostModel = SHIPPED_HOST_MODEL, parameters } = options;
    this.#parametersHash = options.hash(JSON.stringify([parameters, model, hostModel]));
    this.#judgement = judgementOf(parameters, model, hostModel);
    this.#frames = new FrameWatch(parameters);
    this.#tiers = new TierChoice(options.tiers ?? ALL_RICH, parameters, options.hash);
  }

  /**
   * Takes one frame in.
   * @param receivedMs when the bus took it, Unix ms
   * @param check called unless the frame's clock is ahead: such a frame must not enter the chain
   */
  frame(rows: DecodedRows, receivedMs: number, check: CheckChain): FrameFate {
    const table = this.#table;
    const row = this.#rowOf(rows, receivedMs);
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const aheadMs = rows.endMs - receivedMs;
    if (aheadMs > this.#options.parameters.clockAheadMs) {
      data[at + NODE.lastTick] = this.#ticks;
      this.#reportClock(row, receivedMs, aheadMs);
      return 'clock';
    }
    const behind = isBehind(data, at, rows.endMs, receivedMs, this.#options.parameters);
    const trust = check(row, rows) | (behind ? TRUST.behind : 0);
    // Before a start of the agent is noted: an old frame that returns begins nothing.
    if (Math.ceil(rows.endMs / SUMMARY_MS) <= data[at + NODE.newest]! - table.tierOf(row).keptWindows) {
      this.#distrust(row, data[at + NODE.endMs]!, trust & TRUST.fork);
      return 'late';
    }
    const boot = this.#bootOf(row, rows);
    if (boot === 0) return 'late';
    const present = boot === data[at + NODE.boots]!;
    const window = at + (present ? NODE.present : NODE.previous);
    const highest = data[window]!;
    const admission = admit(data, window, rows.sequence);
    if (admission !== 'new') {
      this.#distrust(row, rows.endMs, trust & CLONE);
      return admission === 'seen' ? 'duplicate' : 'late';
    }
    data[at + NODE.lastTick] = this.#ticks;
    const twins =
      !present && rows.sequence > highest && rows.endMs > data[at + NODE.bootMs]! + 2 * rows.intervalMs;
    return this.#place(row, rows, boot, twins ? trust | TRUST.twins : trust);
  }

  /** @returns whether the tick is new; two tickers write the same one. */
  tick({ index, timeMs }: Tick): boolean {
    if (index <= this.#tickIndex) return false;
    this.#tickIndex = index;
    this.#ticks++;
    const { closeTicks } = this.#options.parameters;
    const table = this.#table;
    for (let row = 0; row < table.names.length; row++) {
      const silent = this.#ticks - table.nodes.page(row)[table.nodes.at(row) + NODE.lastTick]!;
      if (silent < closeTicks) continue;
      this.#closeUntil(row, timeMs);
      this.#watch(row, silent, timeMs);
    }
    return true;
  }

  dump(): { readonly state: NodeStageState; readonly bytes: readonly Uint8Array[] } {
    const { strings, bytes } = this.#table.dump();
    return { state: { strings, ticks: this.#ticks, tickIndex: this.#tickIndex }, bytes };
  }

  /** @throws RangeError when the bytes do not fit the state. */
  restore(state: NodeStageState, bytes: Uint8Array): void {
    this.#table = NodeTable.restore(state.strings, bytes);
    this.#ticks = state.ticks;
    this.#tickIndex = state.tickIndex;
  }

  /** A frame that is not counted in may still contradict one that was. */
  #distrust(row: number, endMs: number, flags: number): void {
    const slots = slotsOf(this.#table, row);
    const window = Math.ceil(endMs / SUMMARY_MS);
    const slot = slotAt(this.#table, row, window);
    if (flags === 0 || slots[slot + SLOT.window] !== window) return;
    slots[slot + SLOT.trust] = slots[slot + SLOT.trust]! | flags;
    if (slots[slot + SLOT.assessed] === 1) this.#assess(row, slot);
  }

  /** Ordinal of the frame's start of the agent; 0 for one older than the previous. */
  #bootOf(row: number, rows: DecodedRows): number {
    const table = this.#table;
    const since = table.startsSince(row, rows.boot);
    if (since > 1) return 0;
    if (since < 0) table.started(row, rows.boot, rows.endMs);
    return table.nodes.page(row)[table.nodes.at(row) + NODE.boots]! - Math.max(0, since);
  }

  #place(row: number, rows: DecodedRows, boot: number, trust: number): FrameFate {
    const table = this.#table;
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const window = Math.ceil(rows.endMs / SUMMARY_MS);
    if (window > data[at + NODE.newest]!) this.#advance(row, window);
    const slot = openSlot(table, row, window);
    const slots = slotsOf(table, row);
    if (!addRun(slots, slot, boot, rows.sequence)) return 'scattered';
    data[at + NODE.intervalMs] = rows.intervalMs;
    this.#frames.begin(rows.endMs - data[at + NODE.endMs]!, rows.intervalMs);
    if (rows.endMs > data[at + NODE.endMs]!) data[at + NODE.endMs] = rows.endMs;
    const sinceBegin = rows.endMs - (window - 1) * SUMMARY_MS;
    const newest = sinceBegin > slots[slot + SLOT.lastEnd]!;
    if (newest) slots[slot + SLOT.lastEnd] = sinceBegin;
    table.noteJob(row, window, jobOf(rows.groups), slots[slot + SLOT.frames] === 0);
    slots[slot + SLOT.frames] = slots[slot + SLOT.frames]! + 1;
    slots[slot + SLOT.trust] = slots[slot + SLOT.trust]! | trust;
    intake(table, row, window, rows, newest, this.#frames);
    const { calendar } = table.tierOf(row);
    const changed = this.#frames.end(calendar, table.placeOf(row), rows.endMs, rows.intervalMs);
    if (slots[slot + SLOT.assessed] === 1) this.#assess(row, slot);
    else if (changed) this.#foretell(row, slot, rows.endMs);
    this.#closeUntil(row, data[at + NODE.endMs]! - this.#options.parameters.graceMs + 1);
    return 'taken';
  }

  /** The node's row, made if it is new. */
  #rowOf({ node, site, rows, endMs }: DecodedRows, receivedMs: number): number {
    const table = this.#table;
    const known = table.find(node);
    if (known < 0) {
      const window = Math.ceil(Math.min(endMs, receivedMs) / SUMMARY_MS);
      return this.#tiers.add(table, node, site, this.#ticks, rows, window);
    }
    table.moved(known, site);
    return known;
  }

  /** Moves to a newer window, and to the tier that it is gathered in: whatever leaves the kept ones is assessed first. */
  #advance(row: number, window: number): void {
    const table = this.#table;
    const data = table.nodes.page(row);
    const newest = table.nodes.at(row) + NODE.newest;
    const tier = this.#tiers.at(table, row, window, data[newest]!);
    const { keptWindows } = table.tiers[TIERS.indexOf(tier)]!;
    this.#closeUntil(row, (window - Math.min(keptWindows, table.tierOf(row).keptWindows)) * SUMMARY_MS + 1);
    data[newest] = window;
    move(table, row, tier);
  }

  /** Assesses the node's open windows that ended before `timeMs`, oldest first. */
  #closeUntil(row: number, timeMs: number): void {
    const next = () => oldestOpen(this.#table, row, timeMs);
    for (let slot = next(); slot >= 0; slot = next()) this.#assess(row, slot);
  }

  #assess(row: number, slot: number): void {
    const { parameters, hash, summary } = this.#options;
    const table = this.#table;
    const slots = slotsOf(table, row);
    const first = slots[slot + SLOT.assessed] === 0;
    slots[slot + SLOT.assessed] = 1;
    const window = slots[slot + SLOT.window]!;
    const subject = this.#subject(row, window * SUMMARY_MS);
    const node = closedWindow(table, row, window, slots[slot + SLOT.cheap] === 1);
    const bytes = summaries(table, slot, node, subject.site);
    for (const one of bytes) summary(subject.site, subject.node, subject.windowEndMs, one);
    remember(table, node, declaredAs(subject) ?? '');
    const draft = this.#judge(subject, node, slot, first);
    learn(table, node, draft.conformity === 'deviates', parameters);
    this.#tiers.judged(table, row, window, draft.reasons.length > 0);
    this.#emit(draft, bytes.map((one) => hash(one)).join());
  }

  /** @param counts whether it is the first verdict over the whole window */
  #judge(subject: Subject, node: NodeWindow, slot: number, counts: boolean): Draft {
    const table = this.#table;
    const coverageRatio = coverageOf(table, node.row, slot);
    const trust = slotsOf(table, node.row)[slot + SLOT.trust]!;
    return assess(subject, table, { node, coverageRatio, trust, counts }, this.#judgement);
  }

  /**
   * Tells of a change within seconds before its window is over, in a verdict over the frames so far. Nothing is learnt
   * from it and no finding rests on it; the whole window is assessed when it closes, as any other.
   */
  #foretell(row: number, slot: number, endMs: number): void {
    const table = this.#table;
    const slots = slotsOf(table, row);
    const window = slots[slot + SLOT.window]!;
    if (endMs === window * SUMMARY_MS) return;
    const subject = { ...this.#subject(row, window * SUMMARY_MS), windowEndMs: endMs };
    const node = closedWindow(table, row, window, slots[slot + SLOT.cheap] === 1);
    const draft = this.#judge(subject, node, slot, false);
    if (!draft.reasons.some(({ rule }) => rule === 'change')) return;
    const inputs = summaries(table, slot, node, subject.site).map((one) => this.#options.hash(one));
    this.#emit(draft, inputs.join());
  }

  /** Emits what a node's silence means, at the moments that the parameters name. */
  #watch(row: number, silent: number, timeMs: number): void {
    const { parameters } = this.#options;
    const heartbeat = silenceDue(silent, parameters);
    if (heartbeat === null) return;
    const subject = this.#subject(row, Math.floor(timeMs / SUMMARY_MS) * SUMMARY_MS);
    this.#emit(assessSilence(subject, heartbeat, silent, parameters), 'silence');
  }

  /** A clock ahead is reported once per node and minute of receive time. */
  #reportClock(row: number, receivedMs: number, aheadMs: number): void {
    const data = this.#table.nodes.page(row);
    const at = this.#table.nodes.at(row) + NODE.clockWindow;
    const window = Math.ceil(receivedMs / SUMMARY_MS);
    if (data[at]! >= window) return;
    data[at] = window;
    const subject = this.#subject(row, window * SUMMARY_MS);
    this.#emit(assessClock(subject, aheadMs, this.#options.parameters), 'clock');
  }

  #subject(row: number, windowEndMs: number): Subject {
    return subjectOf(this.#table, row, windowEndMs, this.#options.register());
  }

  #emit(draft: Draft, inputs: string): void {
    const { assessment, json } = revise(draft, this.#parametersHash, inputs, this.#options.hash);
    this.#options.assessment(assessment, json);
  }
}
