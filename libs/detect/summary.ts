import type { EntityKind } from '#libs/model/catalogue.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, type SequenceRun, SUMMARY_MS } from '#libs/model/frame.ts';
import { fillRow } from './accumulate.ts';
import { jobGroups } from './jobs.ts';
import type { NodeTable } from './node-table.ts';
import type { EntityWindow, NodeWindow } from './node-window.ts';
import { slotsOf } from './slots.ts';
import { MAX_RUNS, RUN, RUN_WIDTH, SLOT } from './tier.ts';

const NO_PREVIOUS = new Uint8Array(32);
/** A frame a second reaches it in 136 years. */
const MAX_SEQUENCE = 2 ** 32 - 1;

/**
 * Notes a frame in the runs of a window's slot.
 * @returns false when it would need another run and all are taken, or its number is absurd: then it must not be counted in
 */
export function addRun(slots: Uint32Array, slot: number, boot: number, sequence: number): boolean {
  if (sequence > MAX_SEQUENCE) return false;
  const count = slots[slot + SLOT.runs]!;
  const first = slot + SLOT.firstRun;
  for (let at = first; at < first + count * RUN_WIDTH; at += RUN_WIDTH) {
    if (slots[at + RUN.boot] !== boot) continue;
    if (slots[at + RUN.to] === sequence - 1) slots[at + RUN.to] = sequence;
    else if (slots[at + RUN.from] === sequence + 1) slots[at + RUN.from] = sequence;
    else continue;
    return true;
  }
  if (count === MAX_RUNS) return false;
  const at = first + count * RUN_WIDTH;
  slots[at + RUN.boot] = boot;
  slots[at + RUN.from] = sequence;
  slots[at + RUN.to] = sequence;
  slots[slot + SLOT.runs] = count + 1;
  return true;
}

/**
 * The window as a one-minute summary, encoded. A window in which the agent restarted gives one for each start:
 * the same values, and each the frames of its own that it covers.
 */
export function summaries(table: NodeTable, slot: number, node: NodeWindow, site: string): Uint8Array[] {
  const { row } = node;
  const entities = node.entities.map(rowOf(table));
  const slots = slotsOf(table, row);
  return [...runsByBoot(slots, slot)].flatMap(([ordinal, covers]) => {
    const boot = table.bootName(row, ordinal);
    if (boot === null) return [];
    return encodeFrame({
      node: table.names[row]!,
      site,
      boot,
      sequence: Math.max(...covers.map(({ to }) => to)),
      endMs: node.window * SUMMARY_MS,
      intervalMs: SUMMARY_MS,
      samples: slots[slot + SLOT.frames]!,
      previous: NO_PREVIOUS,
      entities,
      flows: [],
      groups: jobGroups(table.jobIn(row, node.window)),
      covers,
    });
  });
}

/** By an entity's place in its node. Reused, because they are encoded at once and new arrays cost more than filling them. */
const rows: Record<EntityKind, EntityRow[]> = { host: [], gpu: [] };

function rowOf(table: NodeTable) {
  return ({ layout, data, at, gpu }: EntityWindow, place: number): EntityRow => {
    const { kind } = layout;
    rows[kind][place] ??= emptyRow(kind);
    const row = rows[kind][place];
    fillRow(row, layout, data, at);
    return gpu < 0 ? row : { ...row, index: table.gpuIndex(gpu), id: table.gpuIds[gpu]! };
  };
}

function runsByBoot(slots: Uint32Array, slot: number): Map<number, SequenceRun[]> {
  const byBoot = new Map<number, SequenceRun[]>();
  for (let run = 0; run < slots[slot + SLOT.runs]!; run++) {
    const at = slot + SLOT.firstRun + run * RUN_WIDTH;
    const boot = slots[at + RUN.boot]!;
    const runs = byBoot.get(boot) ?? [];
    runs.push({ from: slots[at + RUN.from]!, to: slots[at + RUN.to]! });
    byBoot.set(boot, runs);
  }
  return new Map([...byBoot].map(([boot, runs]) => [boot, joined(runs)]));
}

/** The runs in order, those that touch made one. */
function joined(runs: readonly SequenceRun[]): SequenceRun[] {
  const result: SequenceRun[] = [];
  for (const run of runs.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last?.to === run.from - 1) result[result.length - 1] = { from: last.from, to: run.to };
    else result.push(run);
  }
  return result;
}
