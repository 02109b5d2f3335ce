import { forget, freeze, placeOf, record } from './history.ts';
import { GPU_WINDOW, HOST_WINDOW } from './layout.ts';
import { KEPT_WINDOWS, NODE, type NodeTable } from './node-table.ts';
import type { EntityWindow, NodeWindow } from './node-window.ts';
import type { DetectParameters } from './parameters.ts';

/** A node's window with the entities that reported in it, host first. */
export function closedWindow(table: NodeTable, row: number, window: number): NodeWindow {
  const entities = allEntities(table, row, window).filter(hasValues);
  return { row, window, entities };
}

/** Every entity the node ever had, also those without a value in this window. */
function allEntities(table: NodeTable, row: number, window: number): EntityWindow[] {
  const kept = window % KEPT_WINDOWS;
  const host: EntityWindow = {
    layout: HOST_WINDOW,
    name: 'host',
    data: table.hostWindows.page(row),
    at: table.hostWindows.at(row) + kept * HOST_WINDOW.width,
    history: table.hostHistory,
    row,
  };
  const entities = [host];
  for (let gpu = table.firstGpu(row); gpu >= 0; gpu = table.nextGpu(gpu)) {
    entities.push({
      layout: GPU_WINDOW,
      name: `gpu${table.gpuIndex(gpu)}`,
      data: table.gpuWindows.page(gpu),
      at: table.gpuWindows.at(gpu) + kept * GPU_WINDOW.width,
      history: table.gpuHistory,
      row: gpu,
    });
  }
  return entities;
}

function hasValues({ layout, data, at }: EntityWindow): boolean {
  for (let i = 0; i < layout.places.length; i++) if (data[at + layout.places[i]!]! > 0) return true;
  for (let i = 0; i < layout.counters; i++) if (data[at + layout.counterPlace + 2 * i + 1] === 1) return true;
  return false;
}

/**
 * Writes the window into the node's history, in its place if it was there before. Under another declaration
 * than before, the reference begins anew.
 * @param declared the declaration in force, `id@version`, or ''
 */
export function remember(table: NodeTable, node: NodeWindow, declared: string): void {
  const entities = allEntities(table, node.row, node.window);
  const place = placeOf(table, node.row, node.window);
  if (place >= 0)
    for (const one of entities) record(one.layout, one.history, one.row, place, one.data, one.at);
  if (table.declared[node.row] === declared) return;
  table.declared[node.row] = declared;
  for (const { layout, history, row } of entities) forget(layout, history, row);
  learnFrom(table, node.row, node.window);
}

/** After a window was judged: a deviating one is no part of the reference; once there are enough, it is frozen. */
export function learn(
  table: NodeTable,
  node: NodeWindow,
  deviates: boolean,
  parameters: DetectParameters,
): void {
  if (deviates) {
    learnFrom(table, node.row, node.window + 1);
    return;
  }
  const since = table.nodes.page(node.row)[table.nodes.at(node.row) + NODE.referenceFrom]!;
  for (const { layout, history, row } of node.entities) {
    freeze(table, node.row, layout, history, row, since, node.window, parameters.referenceWindows);
  }
}

function learnFrom(table: NodeTable, row: number, window: number): void {
  table.nodes.page(row)[table.nodes.at(row) + NODE.referenceFrom] = window;
}
