import { windowMean } from '../accumulate.ts';
import { CALENDAR } from '../baseline.ts';
import type { EntityWindow, NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { fromSpreads, scalesOf, toSpreads } from '../scales.ts';
import { addWindow, endDay, endHour, PACE_WIDTH } from './pace.ts';
import { distanceAt, hourOfWeek, levelAt, nearestPart, PROFILE_WIDTH } from './profile.ts';

const HOUR_WINDOWS = 60;
const DAY_WINDOWS = 1440;
const WEEK_WINDOWS = 7 * DAY_WINDOWS;
const DAY_HOURS = 24;

/** How far a mean lies from the node's own past at this hour of the week. */
export interface SeasonalDistance {
  /** The hour's level, or that of the neighbouring hour which is nearer; the metric's unit. */
  readonly level: number;
  /** Robust z; signed. */
  readonly z: number;
  /** Less than the days of {@link DetectParameters.seasonDays} have taught it. */
  readonly young: boolean;
}

/**
 * Takes a judged window into the node's hours of the week. They are learnt in one pass over the first days of the
 * node under its declaration and then frozen, so that neither an episode nor a slow ramp can move them (DOMAIN.md §9,
 * C16): from then on each day's distance from them is summed up as drift. A window that deviates is no part of
 * either. Without a place for a season (cheap tier) it does nothing.
 * @param entities all that the node ever had: those that are silent end their hours too
 */
export function learnSeason(
  { calendar, window }: NodeWindow,
  entities: readonly EntityWindow[],
  deviates: boolean,
  parameters: DetectParameters,
): void {
  if (calendar === null || window <= calendar.data[calendar.at + CALENDAR.upTo]!) return;
  const { data, at } = calendar;
  data[at + CALENDAR.upTo] = window;
  if (data[at + CALENDAR.from] === 0) data[at + CALENDAR.from] = window;
  const hour = hourOf(window);
  const before = data[at + CALENDAR.hour]!;
  if (hour !== before) {
    data[at + CALENDAR.hour] = hour;
    if (before > 0) endHours(entities, before, hour, data[at + CALENDAR.from]!, parameters);
  }
  if (deviates) return;
  for (const entity of entities) addWindows(entity, parameters);
}

/** Forgets the hours of the week: what they belong to has been declared anew. The levels of the last frames stay. */
export function forgetSeason({ calendar, window }: NodeWindow, entities: readonly EntityWindow[]): void {
  if (calendar === null) return;
  calendar.data[calendar.at + CALENDAR.from] = window;
  calendar.data[calendar.at + CALENDAR.hour] = 0;
  for (const { baseline, row } of entities) {
    if (baseline === null) continue;
    for (const slab of [baseline.week, baseline.pace]) {
      const from = slab.at(row);
      slab.page(row).fill(0, from, from + slab.width);
    }
  }
}

/** Null where this hour of the week was never learnt. @param mean in the metric's unit, no NaN */
export function againstSeason(
  { calendar, window }: NodeWindow,
  { baseline, row, layout }: EntityWindow,
  track: number,
  mean: number,
  parameters: DetectParameters,
): SeasonalDistance | null {
  if (calendar === null || baseline === null) return null;
  const bytes = baseline.week.page(row);
  const at = baseline.week.at(row) + track * PROFILE_WIDTH;
  const scales = scalesOf(layout, parameters);
  const spreads = toSpreads(scales, track, mean);
  const part = nearestPart(bytes, at, hourOfWeek(hourOf(window)), spreads);
  if (part < 0) return null;
  const young = !isFrozen(window, calendar.data[calendar.at + CALENDAR.from]!, parameters);
  const z = distanceAt(bytes, at, part, spreads) / (young ? parameters.seasonYoungSpreads : 1);
  return { level: fromSpreads(scales, track, levelAt(bytes, at, part)), z, young };
}

/** Hours since 1970 that the window (minutes since 1970 at its end) lies in. */
function hourOf(window: number): number {
  return Math.floor((window - 1) / HOUR_WINDOWS);
}

function isFrozen(window: number, from: number, { seasonDays }: DetectParameters): boolean {
  return window - from >= seasonDays * DAY_WINDOWS;
}

function endHours(
  entities: readonly EntityWindow[],
  ended: number,
  begun: number,
  from: number,
  parameters: DetectParameters,
): void {
  const first = ended * HOUR_WINDOWS;
  const week = 1 + Math.max(0, Math.floor((first - from) / WEEK_WINDOWS));
  const frozen = isFrozen(first, from, parameters);
  const day = Math.floor(ended / DAY_HOURS);
  const dayEnds = day !== Math.floor(begun / DAY_HOURS);
  for (const { baseline, row, layout } of entities) {
    if (baseline === null) continue;
    const pace = baseline.pace.page(row);
    const profile = baseline.week.page(row);
    for (let track = 0; track < layout.tracked.length; track++) {
      const paceAt = baseline.pace.at(row) + track * PACE_WIDTH;
      const weekAt = baseline.week.at(row) + track * PROFILE_WIDTH;
      endHour(pace, paceAt, profile, weekAt, hourOfWeek(ended), week, frozen, parameters);
      if (dayEnds) endDay(pace, paceAt, day, parameters);
    }
  }
}

function addWindows({ baseline, row, layout, data, at }: EntityWindow, parameters: DetectParameters): void {
  if (baseline === null) return;
  const scales = scalesOf(layout, parameters);
  const pace = baseline.pace.page(row);
  const paceAt = baseline.pace.at(row);
  for (let track = 0; track < layout.tracked.length; track++) {
    const mean = windowMean(layout, data, at, layout.tracked[track]!);
    if (Number.isNaN(mean)) continue;
    addWindow(pace, paceAt + track * PACE_WIDTH, toSpreads(scales, track, mean));
  }
}
