import { hasValues } from './accumulate.ts';
import { forget, freeze, placeOf, record } from './history.ts';
import { NODE, type NodeTable } from './node-table.ts';
import type { EntityWindow, NodeWindow } from './node-window.ts';
import type { DetectParameters } from './parameters.ts';
import { forgetSeason, learnSeason } from './season/season.ts';

/** A node's window with the entities that reported in it, host first. @param cheap as its slot says */
export function closedWindow(table: NodeTable, row: number, window: number, cheap: boolean): NodeWindow {
  const entities = allEntities(table, row, window).filter(({ layout, data, at }) =>
    hasValues(layout, data, at),
  );
  return { row, window, cheap, entities, calendar: calendarOf(table, row) };
}

function calendarOf(table: NodeTable, row: number): NodeWindow['calendar'] {
  const { calendar } = table.tierOf(row);
  const place = table.placeOf(row);
  return calendar && { data: calendar.page(place), at: calendar.at(place) };
}

/** Every entity the node ever had, also those without a value in this window. */
function allEntities(table: NodeTable, row: number, window: number): EntityWindow[] {
  const tier = table.tierOf(row);
  const kept = window % tier.keptWindows;
  const place = table.placeOf(row);
  const host: EntityWindow = {
    layout: tier.host,
    name: 'host',
    data: tier.hostWindows.page(place),
    at: tier.hostWindows.at(place) + kept * tier.host.width,
    history: tier.hostHistory,
    baseline: tier.hostBaseline,
    row: place,
    gpu: -1,
  };
  const entities = [host];
  for (let gpu = table.firstGpu(row); gpu >= 0; gpu = table.nextGpu(gpu)) {
    const at = table.gpuPlace(gpu);
    entities.push({
      layout: tier.gpu,
      name: `gpu${table.gpuIndex(gpu)}`,
      data: tier.gpuWindows.page(at),
      at: tier.gpuWindows.at(at) + kept * tier.gpu.width,
      history: tier.gpuHistory,
      baseline: tier.gpuBaseline,
      row: at,
      gpu,
    });
  }
  return entities;
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
  if (!table.declare(node.row, declared)) return;
  table.tierOf(node.row).shares?.forget(table.placeOf(node.row));
  for (const { layout, history, row } of entities) forget(layout, history, row);
  forgetSeason(node, entities);
  learnFrom(table, node.row, node.window);
}

/**
 * After a window was judged: a deviating one is no part of the node's references, neither of its hours of the week nor
 * of its first windows; once there are enough, they are frozen.
 */
export function learn(
  table: NodeTable,
  node: NodeWindow,
  deviates: boolean,
  parameters: DetectParameters,
): void {
  learnSeason(node, allEntities(table, node.row, node.window), deviates, parameters);
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
