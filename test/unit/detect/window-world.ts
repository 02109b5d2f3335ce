import { accumulate } from '#libs/detect/accumulate.ts';
import { closedWindow, learn, remember } from '#libs/detect/close.ts';
import { NodeTable } from '#libs/detect/node-table.ts';
import type { NodeWindow } from '#libs/detect/node-window.ts';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { drifts } from '#libs/detect/rules/drift.ts';
import { ownPast } from '#libs/detect/rules/own-past.ts';
import { openSlot } from '#libs/detect/slots.ts';
import type { Ground } from '#libs/model/assessment.ts';
import { row } from './world.ts';

/** Monday, 2026-01-05, 00:00 UTC, in minutes since 1970. */
export const MONDAY = Date.UTC(2026, 0, 5) / 60_000;
const DAY = 1440;

/** What the rules of the own past say of one window. */
export interface Said {
  readonly node: NodeWindow;
  readonly grounds: readonly Ground[];
}

/** One node's windows, put where a closed window would lie: weeks of them in a second. */
export class WindowWorld {
  #table = new NodeTable();
  readonly #row: number;
  readonly #parameters: DetectParameters;

  constructor(parameters: DetectParameters = PARAMETERS) {
    this.#parameters = parameters;
    this.#row = this.#table.add('n1', 's1', 0, 0);
  }

  /** @param minute since {@link MONDAY}, at the window's end */
  window(
    minute: number,
    gauges: Readonly<Record<string, number>>,
    { declared = '', deviates = false } = {},
  ): Said {
    const [table, window] = [this.#table, MONDAY + minute];
    openSlot(table, this.#row, window);
    const tier = table.tierOf(this.#row);
    const at = tier.hostWindows.at(0) + (window % tier.keptWindows) * tier.host.width;
    const values = row('host', 0, gauges);
    accumulate(tier.host, tier.hostWindows.page(0), at, 60, values.gauges, 0, values.counters, 0, true);
    const node = closedWindow(table, this.#row, window, false);
    remember(table, node, declared);
    const grounds = [...ownPast(node, this.#parameters).grounds, ...drifts(node, this.#parameters)];
    learn(table, node, deviates, this.#parameters);
    return { node, grounds };
  }

  /** Every third minute of whole days. @param watts of a minute since {@link MONDAY} @returns what was said, by day */
  days(from: number, to: number, watts: (minute: number) => number): Ground[][] {
    const said: Ground[][] = [];
    for (let day = from; day < to; day++) {
      const grounds: Ground[] = [];
      for (let minute = day * DAY + 3; minute <= (day + 1) * DAY; minute += 3) {
        grounds.push(...this.window(minute, { node_power_watts: watts(minute) }).grounds);
      }
      said.push(grounds);
    }
    return said;
  }

  /** Goes on from what a checkpoint of it holds. */
  restart(): void {
    const { strings, bytes } = this.#table.dump();
    const state = structuredClone(strings);
    this.#table = NodeTable.restore(state, Buffer.concat(bytes));
  }
}
