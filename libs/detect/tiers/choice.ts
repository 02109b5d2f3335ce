import { NODE, type NodeTable } from '../node-table.ts';
import type { DetectParameters, Hash } from '../parameters.ts';
import { TIERS, type TierName } from '../tier.ts';

/** Which nodes are rich: all, none, or as {@link TierChoice} says. */
export const TIER_MODES = ['auto', 'rich', 'cheap'] as const;

export interface TierPolicy {
  readonly mode: (typeof TIER_MODES)[number];
  /** Entities of a partition that are rich for good: those that came first. */
  readonly richEntities: number;
  /** Who does not have it cannot tell beforehand when a node's turn comes. */
  readonly key: string;
}

export const ALL_RICH: TierPolicy = { mode: 'rich', richEntities: 0, key: '' };

const HOUR_WINDOWS = 60;

/**
 * Decides which tier a node is in, at each new window, by the messages of its partition alone: the same messages in
 * the same order give the same tiers.
 *
 * Rich for good: the first nodes, up to `richEntities`. Rich for a while: a node that begins, or that is odd after it
 * was not, while there is room for guests; and any node whose turn it is, whether there is room or not. Each hour of
 * each node is drawn by a keyed hash, and so is the minute at which the turn begins: the past tells nothing of the
 * next. Cheap: all others.
 */
export class TierChoice {
  readonly #policy: TierPolicy;
  readonly #parameters: DetectParameters;
  readonly #hash: Hash;

  constructor(policy: TierPolicy, parameters: DetectParameters, hash: Hash) {
    this.#policy = policy;
    this.#parameters = parameters;
    this.#hash = hash;
  }

  /** Adds a node. @param entities in its first frame */
  add(table: NodeTable, node: string, site: string, ticks: number, entities: number, window: number): number {
    const { mode, richEntities } = this.#policy;
    const used = table.tiers[0].entities + entities;
    const resident = mode === 'rich' || (mode === 'auto' && used <= richEntities);
    const rich = resident || (mode === 'auto' && used <= this.#guestEntities());
    const row = table.add(node, site, ticks, TIERS.indexOf(rich ? 'rich' : 'cheap'));
    const until = resident ? Number.POSITIVE_INFINITY : window + this.#parameters.turnWindows;
    if (rich) setRich(table, row, window, until);
    return row;
  }

  /** The tier that a node's new window is gathered in. @param before its newest window so far */
  at(table: NodeTable, row: number, window: number, before: number): TierName {
    const { mode } = this.#policy;
    if (mode !== 'auto') return mode;
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const hour = Math.floor(window / HOUR_WINDOWS);
    if (hour !== Math.floor(before / HOUR_WINDOWS)) this.#draw(table, row, hour);
    return window >= data[at + NODE.richFrom]! && window < data[at + NODE.richUntil]! ? 'rich' : 'cheap';
  }

  /** Notes whether a window was odd: a node that begins to be is watched more closely, while there is room. */
  judged(table: NodeTable, row: number, window: number, odd: boolean): void {
    const data = table.nodes.page(row);
    const at = table.nodes.at(row);
    const began = odd && data[at + NODE.odd] === 0;
    data[at + NODE.odd] = Number(odd);
    if (!began || this.#policy.mode !== 'auto') return;
    const until = window + this.#parameters.watchedWindows;
    if (until <= data[at + NODE.richUntil]! && window >= data[at + NODE.richFrom]!) return;
    const isGuest = table.tierOf(row).name === 'rich';
    const needed = isGuest ? 0 : table.entitiesOf(row);
    if (table.tiers[0].entities + needed > this.#guestEntities()) return;
    setRich(table, row, window, Math.max(until, data[at + NODE.richUntil]!));
  }

  #guestEntities(): number {
    return (1 + this.#parameters.guestRatio) * this.#policy.richEntities;
  }

  /** A turn that is drawn while the node is rich prolongs that, and never ends it. */
  #draw(table: NodeTable, row: number, hour: number): void {
    const { turnRatio, turnWindows } = this.#parameters;
    const drawn = this.#hash(`${this.#policy.key}\n${table.names[row]}\n${hour}`);
    if (Number.parseInt(drawn.slice(0, 8), 16) / 2 ** 32 >= turnRatio) return;
    const from = hour * HOUR_WINDOWS + (Number.parseInt(drawn.slice(8, 16), 16) % HOUR_WINDOWS);
    const data = table.nodes.page(row);
    const until = data[table.nodes.at(row) + NODE.richUntil]!;
    const began = data[table.nodes.at(row) + NODE.richFrom]!;
    const goesOn = until > hour * HOUR_WINDOWS;
    setRich(table, row, goesOn ? began : from, Math.max(until, from + turnWindows));
  }
}

function setRich(table: NodeTable, row: number, from: number, until: number): void {
  const data = table.nodes.page(row);
  const at = table.nodes.at(row);
  data[at + NODE.richFrom] = from;
  data[at + NODE.richUntil] = until;
}
