import { type Floats, MOMENTS } from '#libs/stats/moments.ts';
import type { Slab } from '#libs/stats/slab.ts';
import type { WindowLayout } from '../layout.ts';
import { NODE, type NodeTable } from '../node-table.ts';
import { type History, SLOT, SLOT_WIDTH, TIERS, type Tier, type TierName } from '../tier.ts';

/**
 * Moves a node and its GPUs to another tier with all that the tier can hold: the newest kept windows as they stand,
 * the newest of its past, and its references. Windows that it cannot hold must have been assessed before.
 * A kept window that goes either way says from then on that the cheap tier gathered part of it.
 */
export function move(table: NodeTable, row: number, name: TierName): void {
  const from = table.tierOf(row);
  const tier = TIERS.indexOf(name);
  const to = table.tiers[tier]!;
  if (from === to) return;
  const [left, place] = [table.placeOf(row), to.hosts.take()];
  const windows = keptWindows(table, row, from, to);
  moveSlots(windows, from, left, to, place);
  moveWindows(windows, from.host, from.hostWindows, left, to.host, to.hostWindows, place);
  const recorded = moveRing(table, row, from, left, to, place);
  moveHistory(recorded, from.hostHistory, left, to.hostHistory, place);
  const gpuPlaces: number[] = [];
  for (let gpu = table.firstGpu(row); gpu >= 0; gpu = table.nextGpu(gpu)) {
    const [gpuLeft, gpuPlace] = [table.gpuPlace(gpu), to.gpus.take()];
    moveWindows(windows, from.gpu, from.gpuWindows, gpuLeft, to.gpu, to.gpuWindows, gpuPlace);
    moveHistory(recorded, from.gpuHistory, gpuLeft, to.gpuHistory, gpuPlace);
    gpuPlaces.push(gpuPlace);
  }
  table.place(row, tier, place, gpuPlaces);
}

/** A window's place among those kept, before and after. */
interface Moved {
  readonly from: number;
  readonly to: number;
}

function keptWindows(table: NodeTable, row: number, from: Tier, to: Tier): Moved[] {
  const place = table.placeOf(row);
  const slots = from.slots.page(place);
  const newest = table.nodes.page(row)[table.nodes.at(row) + NODE.newest]!;
  return Array.from({ length: from.keptWindows }, (_, kept) => kept).flatMap((kept) => {
    const window = slots[from.slots.at(place) + kept * SLOT_WIDTH + SLOT.window]!;
    const stays = window > 0 && window > newest - to.keptWindows;
    return stays ? [{ from: kept, to: window % to.keptWindows }] : [];
  });
}

function moveSlots(windows: readonly Moved[], from: Tier, left: number, to: Tier, place: number): void {
  for (const kept of windows) {
    const source = from.slots.at(left) + kept.from * SLOT_WIDTH;
    const target = to.slots.at(place) + kept.to * SLOT_WIDTH;
    to.slots.page(place).set(from.slots.page(left).subarray(source, source + SLOT_WIDTH), target);
    to.slots.page(place)[target + SLOT.cheap] = 1;
  }
}

function moveWindows(
  windows: readonly Moved[],
  layout: WindowLayout,
  source: Slab<Floats>,
  left: number,
  into: WindowLayout,
  target: Slab<Floats>,
  place: number,
): void {
  for (const kept of windows) {
    const at = source.at(left) + kept.from * layout.width;
    const toAt = target.at(place) + kept.to * into.width;
    moveWindow(layout, source.page(left), at, into, target.page(place), toAt);
  }
}

/** A metric whose texture was not kept counts as constant so far, as in a frame without texture. */
function moveWindow(
  layout: WindowLayout,
  data: Floats,
  at: number,
  into: WindowLayout,
  target: Floats,
  toAt: number,
): void {
  for (let i = 0; i < layout.metrics.length; i++) {
    const [place, toPlace] = [at + layout.places[i]!, toAt + into.places[i]!];
    if (place < at || toPlace < toAt) continue;
    const numbers = layout.textured[i] === 1 && into.textured[i] === 1 ? MOMENTS : 2;
    for (let n = 0; n < numbers; n++) target[toPlace + n] = data[place + n]!;
    if (into.textured[i] === 1 && numbers < MOMENTS) {
      target[toPlace + 3] = data[place + 1]!;
      target[toPlace + 4] = data[place + 1]!;
    }
  }
  for (let i = 0; i < 2 * Math.min(layout.counters, into.counters); i++) {
    target[toAt + into.counterPlace + i] = data[at + layout.counterPlace + i]!;
  }
}

/** Moves the ring of recorded windows, which begins anew. @returns the places of those that stay, oldest first */
function moveRing(
  table: NodeTable,
  row: number,
  from: Tier,
  left: number,
  to: Tier,
  place: number,
): readonly number[] {
  const data = table.nodes.page(row);
  const at = table.nodes.at(row) + NODE.recorded;
  const count = data[at]!;
  const length = from.recorded.width;
  const stay = Math.min(count, length, to.recorded.width);
  const places = Array.from({ length: stay }, (_, n) => (count - stay + n) % length);
  const ring = from.recorded.page(left);
  const ringAt = from.recorded.at(left);
  places.forEach((one, n) => {
    to.recorded.page(place)[to.recorded.at(place) + n] = ring[ringAt + one]!;
  });
  data[at] = stay;
  return places;
}

/** Moves the windows at these places, and the references. */
function moveHistory(
  places: readonly number[],
  from: History,
  left: number,
  to: History,
  place: number,
): void {
  const [source, target] = [from.page(left), to.page(place)];
  for (let track = 0; track < from.width / from.track; track++) {
    const at = from.at(left) + track * from.track;
    const toAt = to.at(place) + track * to.track;
    places.forEach((one, n) => {
      target[toAt + n] = source[at + one]!;
    });
    target[toAt + to.windows] = source[at + from.windows]!;
    target[toAt + to.windows + 1] = source[at + from.windows + 1]!;
  }
}
