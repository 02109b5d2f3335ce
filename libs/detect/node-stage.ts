import type { Assessment } from '#libs/model/assessment.ts';
import { ENTITY_KINDS } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { Tick } from '#libs/model/tick.ts';
import { COUNTER_STRIDE, GAUGE_STRIDE } from '#libs/model/wire.ts';
import { accumulate } from './accumulate.ts';
import { assess, assessClock, assessSilence, type Draft, revise, type Subject } from './assess.ts';
import { closedWindow, learn, remember } from './close.ts';
import type { EvidenceTables } from './evidence/model.ts';
import { Scorer } from './evidence/score.ts';
import { SHIPPED_MODEL } from './evidence/shipped.ts';
import { GPU_WINDOW, HOST_WINDOW } from './layout.ts';
import { KEPT_WINDOWS, NODE, NodeTable, SLOT, SLOT_WIDTH, type TableStrings } from './node-table.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import { declarationInForce, type Register } from './register.ts';
import { admit } from './sequence-window.ts';
import { addRun, summaries } from './summary.ts';
import { CLONE, TRUST } from './trust.ts';

/** What became of a frame. Only `taken` frames are part of a window. */
export type FrameFate = 'taken' | 'duplicate' | 'late' | 'scattered' | 'clock';

export interface NodeStageOptions {
  readonly parameters: DetectParameters;
  readonly hash: Hash;
  /** The register as it is now. */
  readonly register: () => Register;
  /** What windows of known workloads look like; default: the model that is shipped. */
  readonly model?: EvidenceTables;
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
 * ticks of silence; revised by a late frame; gone when a window three minutes younger begins.
 */
export class NodeStage {
  readonly #options: NodeStageOptions;
  readonly #parametersHash: string;
  readonly #scorer: Scorer;
  #table = new NodeTable();
  #ticks = 0;
  #tickIndex = -1;

  constructor(options: NodeStageOptions) {
    this.#options = options;
    const model = options.model ?? SHIPPED_MODEL;
    this.#parametersHash = options.hash(JSON.stringify([options.parameters, model]));
    this.#scorer = new Scorer(model, options.parameters);
  }

  /**
   * Takes one frame in.
   * @param receivedMs when the bus took it, Unix ms
   * @param check called unless the frame's clock is ahead: such a frame must not enter the chain
   */
  frame(rows: DecodedRows, receivedMs: number, check: CheckChain): FrameFate {
    const table = this.#table;
    const row = table.rowOf(rows.node, rows.site, this.#ticks);
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const aheadMs = rows.endMs - receivedMs;
    if (aheadMs > this.#options.parameters.clockAheadMs) {
      data[at + NODE.lastTick] = this.#ticks;
      this.#reportClock(row, receivedMs, aheadMs);
      return 'clock';
    }
    const trust = check(row, rows);
    // Before a start of the agent is noted: an old frame that returns begins nothing.
    if (Math.ceil(rows.endMs / SUMMARY_MS) <= data[at + NODE.newest]! - KEPT_WINDOWS) {
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
    const slots = this.#table.slots.page(row);
    const window = Math.ceil(endMs / SUMMARY_MS);
    const slot = this.#table.slots.at(row) + (window % KEPT_WINDOWS) * SLOT_WIDTH;
    if (flags === 0 || slots[slot + SLOT.window] !== window) return;
    slots[slot + SLOT.trust] = slots[slot + SLOT.trust]! | flags;
    if (slots[slot + SLOT.assessed] === 1) this.#assess(row, slot);
  }

  /** Ordinal of the frame's start of the agent; 0 for one older than the previous. */
  #bootOf(row: number, rows: DecodedRows): number {
    const table = this.#table;
    const boots = table.boots[row]!;
    const count = () => table.nodes.page(row)[table.nodes.at(row) + NODE.boots]!;
    if (boots.at(-1) === rows.boot) return count();
    if (boots.at(-2) === rows.boot) return count() - 1;
    if (boots.includes(rows.boot)) return 0;
    table.started(row, rows.boot, rows.endMs);
    return count();
  }

  #place(row: number, rows: DecodedRows, boot: number, trust: number): FrameFate {
    const table = this.#table;
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const window = Math.ceil(rows.endMs / SUMMARY_MS);
    if (window > data[at + NODE.newest]!) this.#advance(row, window);
    const slot = this.#openSlot(row, window);
    const slots = table.slots.page(row);
    if (!addRun(slots, slot, boot, rows.sequence)) return 'scattered';
    data[at + NODE.intervalMs] = rows.intervalMs;
    if (rows.endMs > data[at + NODE.endMs]!) data[at + NODE.endMs] = rows.endMs;
    const newest = rows.endMs > slots[slot + SLOT.lastEndMs]!;
    if (newest) slots[slot + SLOT.lastEndMs] = rows.endMs;
    slots[slot + SLOT.frames] = slots[slot + SLOT.frames]! + 1;
    slots[slot + SLOT.trust] = slots[slot + SLOT.trust]! | trust;
    this.#accumulate(row, window % KEPT_WINDOWS, rows, newest);
    if (slots[slot + SLOT.assessed] === 1) this.#assess(row, slot);
    this.#closeUntil(row, data[at + NODE.endMs]! - this.#options.parameters.graceMs + 1);
    return 'taken';
  }

  #accumulate(row: number, kept: number, rows: DecodedRows, newest: boolean): void {
    const table = this.#table;
    const samples = Math.max(1, rows.samples);
    for (let r = 0; r < rows.rows; r++) {
      const host = ENTITY_KINDS[rows.kinds[r]!] === 'host';
      const layout = host ? HOST_WINDOW : GPU_WINDOW;
      const slab = host ? table.hostWindows : table.gpuWindows;
      const entity = host ? row : table.gpuOf(row, rows.indexes[r]!, rows.ids[r]!);
      const at = slab.at(entity) + kept * layout.width;
      const gaugesAt = r * GAUGE_STRIDE;
      const countersAt = r * COUNTER_STRIDE;
      accumulate(
        layout,
        slab.page(entity),
        at,
        samples,
        rows.gauges,
        gaugesAt,
        rows.counters,
        countersAt,
        newest,
      );
    }
  }

  /** Moves to a newer window: whatever leaves the kept ones is assessed first. */
  #advance(row: number, window: number): void {
    this.#closeUntil(row, (window - KEPT_WINDOWS) * SUMMARY_MS + 1);
    this.#table.nodes.page(row)[this.#table.nodes.at(row) + NODE.newest] = window;
  }

  /** Place of the window's slot, emptied if it held an older window. */
  #openSlot(row: number, window: number): number {
    const table = this.#table;
    const slots = table.slots.page(row);
    const kept = window % KEPT_WINDOWS;
    const at = table.slots.at(row) + kept * SLOT_WIDTH;
    if (slots[at + SLOT.window] === window) return at;
    slots.fill(0, at, at + SLOT_WIDTH);
    slots[at + SLOT.window] = window;
    const hostAt = table.hostWindows.at(row) + kept * HOST_WINDOW.width;
    table.hostWindows.page(row).fill(0, hostAt, hostAt + HOST_WINDOW.width);
    for (let gpu = table.firstGpu(row); gpu >= 0; gpu = table.nextGpu(gpu)) {
      const gpuAt = table.gpuWindows.at(gpu) + kept * GPU_WINDOW.width;
      table.gpuWindows.page(gpu).fill(0, gpuAt, gpuAt + GPU_WINDOW.width);
    }
    return at;
  }

  /** Assesses the node's open windows that ended before `timeMs`, oldest first. */
  #closeUntil(row: number, timeMs: number): void {
    const slots = this.#table.slots.page(row);
    const first = this.#table.slots.at(row);
    for (;;) {
      let oldest = -1;
      for (let at = first; at < first + KEPT_WINDOWS * SLOT_WIDTH; at += SLOT_WIDTH) {
        const open = slots[at + SLOT.frames]! > 0 && slots[at + SLOT.assessed] === 0;
        if (!open || slots[at + SLOT.window]! * SUMMARY_MS >= timeMs) continue;
        if (oldest < 0 || slots[at + SLOT.window]! < slots[oldest + SLOT.window]!) oldest = at;
      }
      if (oldest < 0) return;
      this.#assess(row, oldest);
    }
  }

  #assess(row: number, slot: number): void {
    const { parameters, register, hash, summary } = this.#options;
    const table = this.#table;
    const slots = table.slots.page(row);
    slots[slot + SLOT.assessed] = 1;
    const window = slots[slot + SLOT.window]!;
    const subject = this.#subject(row, window * SUMMARY_MS, register());
    const node = closedWindow(table, row, window);
    const bytes = summaries(table, row, slot, node);
    for (const one of bytes) summary(subject.site, subject.node, subject.windowEndMs, one);
    remember(table, node, declaredAs(subject.declaration));
    const interval = table.nodes.page(row)[table.nodes.at(row) + NODE.intervalMs]!;
    const coverage = Math.min(1, (slots[slot + SLOT.frames]! * interval) / SUMMARY_MS);
    const draft = assess(subject, table, node, coverage, slots[slot + SLOT.trust]!, parameters, this.#scorer);
    learn(table, node, draft.conformity === 'deviates', parameters);
    this.#emit(draft, bytes.map((one) => hash(one)).join());
  }

  /** Emits what a node's silence means, at the moments that the parameters name. */
  #watch(row: number, silent: number, timeMs: number): void {
    const { missedTicks, blindTicks, silentTicks, silentHourTicks } = this.#options.parameters;
    if (silent < missedTicks) return;
    const every = silent < blindTicks + silentHourTicks ? silentTicks : silentHourTicks;
    const due = silent === missedTicks || silent === blindTicks || (silent - blindTicks) % every === 0;
    if (!due) return;
    const endMs = Math.floor(timeMs / SUMMARY_MS) * SUMMARY_MS;
    const subject = this.#subject(row, endMs, this.#options.register());
    const heartbeat = silent < blindTicks ? 'missed' : 'blind';
    this.#emit(assessSilence(subject, heartbeat, silent, this.#options.parameters), 'silence');
  }

  /** A clock ahead is reported once per node and minute of receive time. */
  #reportClock(row: number, receivedMs: number, aheadMs: number): void {
    const data = this.#table.nodes.page(row);
    const at = this.#table.nodes.at(row) + NODE.clockWindow;
    const window = Math.ceil(receivedMs / SUMMARY_MS);
    if (data[at]! >= window) return;
    data[at] = window;
    const subject = this.#subject(row, window * SUMMARY_MS, this.#options.register());
    this.#emit(assessClock(subject, aheadMs, this.#options.parameters), 'clock');
  }

  #subject(row: number, windowEndMs: number, register: Register): Subject {
    const node = this.#table.names[row]!;
    const declaration = declarationInForce(register, node, windowEndMs);
    return {
      node,
      site: this.#table.sites[row]!,
      tenant: register.nodes.get(node)?.tenant ?? declaration?.tenant ?? null,
      windowStartMs: windowEndMs - SUMMARY_MS,
      windowEndMs,
      declaration,
    };
  }

  #emit(draft: Draft, inputs: string): void {
    const { assessment, json } = revise(draft, this.#parametersHash, inputs, this.#options.hash);
    this.#options.assessment(assessment, json);
  }
}

function declaredAs(declaration: Subject['declaration']): string {
  return declaration === null ? '' : `${declaration.id}@${declaration.version}`;
}
