import { SUMMARY_MS } from '#libs/model/frame.ts';
import { NODE, type NodeTable } from './node-table.ts';
import { SLOT, SLOT_WIDTH } from './tier.ts';

/** The slots of a node's kept windows. */
export function slotsOf(table: NodeTable, row: number): Uint32Array {
  return table.tierOf(row).slots.page(table.placeOf(row));
}

/** Where in {@link slotsOf} the window's slot is, or would be. */
export function slotAt(table: NodeTable, row: number, window: number): number {
  const { slots, keptWindows } = table.tierOf(row);
  return slots.at(table.placeOf(row)) + (window % keptWindows) * SLOT_WIDTH;
}

/** Place of the window's slot, emptied if it held an older window. */
export function openSlot(table: NodeTable, row: number, window: number): number {
  const at = slotAt(table, row, window);
  const slots = slotsOf(table, row);
  if (slots[at + SLOT.window] === window) return at;
  const tier = table.tierOf(row);
  const place = table.placeOf(row);
  const kept = window % tier.keptWindows;
  slots.fill(0, at, at + SLOT_WIDTH);
  slots[at + SLOT.window] = window;
  slots[at + SLOT.cheap] = Number(tier.name === 'cheap');
  const hostAt = tier.hostWindows.at(place) + kept * tier.host.width;
  tier.hostWindows.page(place).fill(0, hostAt, hostAt + tier.host.width);
  for (let gpu = table.firstGpu(row); gpu >= 0; gpu = table.nextGpu(gpu)) {
    const gpuPlace = table.gpuPlace(gpu);
    const gpuAt = tier.gpuWindows.at(gpuPlace) + kept * tier.gpu.width;
    tier.gpuWindows.page(gpuPlace).fill(0, gpuAt, gpuAt + tier.gpu.width);
  }
  return at;
}

/** Place of the oldest slot that is not assessed and whose window ended before `timeMs`; −1 without one. */
export function oldestOpen(table: NodeTable, row: number, timeMs: number): number {
  const slots = slotsOf(table, row);
  const { keptWindows } = table.tierOf(row);
  const first = slotAt(table, row, 0);
  let oldest = -1;
  for (let at = first; at < first + keptWindows * SLOT_WIDTH; at += SLOT_WIDTH) {
    const open = slots[at + SLOT.frames]! > 0 && slots[at + SLOT.assessed] === 0;
    if (!open || slots[at + SLOT.window]! * SUMMARY_MS >= timeMs) continue;
    if (oldest < 0 || slots[at + SLOT.window]! < slots[oldest + SLOT.window]!) oldest = at;
  }
  return oldest;
}

/** Share of the window's frames that have come, 0–1. */
export function coverageOf(table: NodeTable, row: number, slot: number): number {
  const interval = table.nodes.page(row)[table.nodes.at(row) + NODE.intervalMs]!;
  return Math.min(1, (slotsOf(table, row)[slot + SLOT.frames]! * interval) / SUMMARY_MS);
}
