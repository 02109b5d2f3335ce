import { mean } from 'simple-statistics';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { Reading, ReadingSource } from '#libs/model/reading.ts';
import { closeEpisode, type Evidence, openEpisode, type Publish, updateEpisode } from './episodes.ts';
import { type PowerRange, powerRange } from './in-band-power.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import {
  agrees,
  balanceOf,
  type ComparedPower,
  differenceOf,
  type EnergyBalance,
  energyGround,
  isApart,
} from './rules/energy.ts';
import type { SiteNode } from './site-state.ts';
import { round } from './spread.ts';
import { against } from './verdict.ts';

const KIND = 'energy mismatch';
/** Meters of a node's power; where there are several kinds, the outermost is compared: less of it is in the tenant's reach. */
const SOURCES: readonly ReadingSource[] = ['pdu', 'meter', 'feeder', 'bmc'];
/** Longest interval of a meter that is compared, minutes. */
const LONGEST = 15;
/** Minutes of a node's own power that are kept beside its meters' longest interval: what waits for its reading. */
const WAITING_MINUTES = 5;
const KEPT_COMPARED = 16;
const KEPT_READINGS = 64;
/** A meter that was not heard for so long is no longer waited for. */
const METER_GONE_MS = 3_600_000;

interface MeterReading {
  readonly meter: string;
  readonly source: ReadingSource;
  readonly endMs: number;
  readonly minutes: number;
  readonly watts: number;
}

/** What is kept of a metered node. Plain data: part of the checkpoint. */
export interface EnergyState {
  /** Power by its own account, by window, oldest first. */
  readonly inBand: readonly (PowerRange & { readonly endMs: number })[];
  /** Not compared yet. */
  readonly readings: readonly MeterReading[];
  /** Meters heard: of each the newest reading. */
  readonly meters: readonly Omit<MeterReading, 'watts'>[];
  /** Oldest first. */
  readonly compared: readonly ComparedPower[];
  /** Difference over the first minutes that were compared, W: frozen. Null before. */
  readonly firstWatts: number | null;
  /** Newest window that was compared, or that its readings came too late for. */
  readonly upToMs: number;
}

const NOTHING: EnergyState = {
  inBand: [],
  readings: [],
  meters: [],
  compared: [],
  firstWatts: null,
  upToMs: 0,
};

/** Takes a reading of a meter that is on this node alone; it waits until its window is over everywhere. */
export function noteMeter(node: SiteNode, { meter, source, endMs, intervalMs, powerWatts }: Reading): void {
  const minutes = Math.max(1, Math.ceil(intervalMs / SUMMARY_MS));
  if (!SOURCES.includes(source) || powerWatts === null || minutes > LONGEST) return;
  const energy = node.energy ?? NOTHING;
  const known = energy.meters.find((one) => one.meter === meter);
  if (windowOf(endMs) <= energy.upToMs || (known !== undefined && known.endMs >= endMs)) return;
  const others = energy.meters.filter((one) => one.meter !== meter && one.endMs > endMs - METER_GONE_MS);
  node.energy = {
    ...energy,
    meters: [...others, { meter, source, endMs, minutes }],
    readings: [...energy.readings, { meter, source, endMs, minutes, watts: powerWatts }].slice(
      -KEPT_READINGS,
    ),
  };
}

/** Takes what a metered node says of its own power. */
export function noteInBand(node: SiteNode, rows: DecodedRows, parameters: DetectParameters): void {
  const { energy } = node;
  if (energy === null) return;
  const range = powerRange(rows, parameters);
  const kept = WAITING_MINUTES + Math.max(...energy.meters.map(({ minutes }) => minutes));
  const others = energy.inBand.filter(({ endMs }) => endMs !== rows.endMs);
  const inBand = range === null ? others : [...others, { endMs: rows.endMs, ...range }];
  inBand.sort((a, b) => a.endMs - b.endMs);
  node.energy = { ...energy, inBand: inBand.slice(-kept) };
}

/**
 * Compares the readings of all windows up to a time, and opens, updates or closes what follows.
 *
 * none → open: over the last minutes meter and node are apart; open → none: over the last `closeWindows` minutes
 * they are within the tolerance. Nothing is compared while the node is silent: that is another finding.
 */
export function compareEnergy(
  node: SiteNode,
  untilMs: number,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const waiting = node.energy?.readings ?? [];
  if (waiting.length === 0) return;
  const ends = new Set(waiting.map(({ endMs }) => windowOf(endMs)).filter((endMs) => endMs <= untilMs));
  for (const endMs of [...ends].sort((a, b) => a - b)) {
    const energy = node.energy ?? NOTHING;
    const one = comparedAt(energy, endMs);
    node.energy = {
      ...energy,
      compared: one === null ? energy.compared : [...energy.compared, one].slice(-KEPT_COMPARED),
      readings: energy.readings.filter((reading) => windowOf(reading.endMs) > endMs),
      upToMs: endMs,
    };
    if (one !== null) judge(node, endMs, parameters, hash, publish);
  }
}

/** Whether meter and node have said the same of late, as far as a sensor of the whole node tells. */
export function powerAgrees(node: SiteNode, nowMs: number, parameters: DetectParameters): boolean {
  const compared = node.energy?.compared ?? [];
  const lastMs = compared.at(-1)?.endMs ?? 0;
  if (nowMs - lastMs > parameters.energyMinutes * SUMMARY_MS) return false;
  const balance = balanceOf(compared, parameters.energyMinutes, parameters);
  return balance !== null && agrees(balance);
}

/** Without what was compared up to a time: it must open nothing any more. */
export function comparedAfter(energy: EnergyState, atMs: number): EnergyState {
  return { ...energy, compared: energy.compared.filter(({ endMs }) => endMs > atMs) };
}

/** Window that a time lies in, by its end. */
export function windowOf(timeMs: number): number {
  return Math.ceil(timeMs / SUMMARY_MS) * SUMMARY_MS;
}

/** Null where a meter's reading, or a minute of the node's own, is missing. */
function comparedAt({ readings, meters, inBand }: EnergyState, endMs: number): ComparedPower | null {
  const due = readings.filter((reading) => windowOf(reading.endMs) === endMs);
  const source = SOURCES.find((one) => due.some((reading) => reading.source === one));
  const own = due.filter((reading) => reading.source === source);
  const expected = meters.filter((one) => one.source === source && one.endMs > endMs - METER_GONE_MS);
  // Two supplies on two outlets: what the node draws is what both show.
  const shown = expected.map(({ meter }) => own.filter((reading) => reading.meter === meter));
  const minutes = Math.max(1, ...own.map((reading) => reading.minutes));
  const said = inBand.filter((one) => one.endMs <= endMs && one.endMs > endMs - minutes * SUMMARY_MS);
  if (shown.some((each) => each.length === 0) || said.length < minutes) return null;
  return {
    endMs,
    minutes,
    meterWatts: round(shown.reduce((sum, each) => sum + mean(each.map(({ watts }) => watts)), 0)),
    lowWatts: round(mean(said.map(({ lowWatts }) => lowWatts))),
    highWatts: round(mean(said.map(({ highWatts }) => highWatts))),
    measured: said.every(({ measured }) => measured),
  };
}

function judge(
  node: SiteNode,
  endMs: number,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const energy = node.energy ?? NOTHING;
  const balance = balanceOf(energy.compared, parameters.energyMinutes, parameters);
  if (balance === null) return;
  const firstWatts = energy.firstWatts ?? balance.differenceWatts;
  node.energy = { ...energy, firstWatts };
  const isOpen = node.open[KIND] !== undefined;
  const latest = balanceOf(energy.compared, parameters.closeWindows, parameters);
  if (isOpen && latest !== null && Math.abs(latest.differenceWatts) <= latest.toleranceWatts) {
    closeEpisode(node, KIND, endMs, publish);
    // What was apart before is told: only what comes now may open it again.
    node.energy = { ...node.energy, compared: [] };
    return;
  }
  if (!isApart(balance, parameters)) return;
  const began = firstApart(energy.compared, balance);
  const evidence = evidenceOf(node, balance, firstWatts, began, parameters);
  if (isOpen) updateEpisode(node, KIND, endMs, evidence, publish);
  else openEpisode(node, KIND, began.endMs, endMs, evidence, hash, publish);
}

/** The first of the readings that are apart in the same direction. */
function firstApart(compared: readonly ComparedPower[], balance: EnergyBalance): ComparedPower {
  const apart = (one: ComparedPower) =>
    differenceOf(one) * Math.sign(balance.differenceWatts) > balance.toleranceWatts;
  return compared.find(apart) ?? compared.at(-1)!;
}

function evidenceOf(
  node: SiteNode,
  balance: EnergyBalance,
  firstWatts: number,
  began: ComparedPower,
  parameters: DetectParameters,
): Evidence {
  const { differenceWatts, toleranceWatts } = balance;
  const sinceThen = Math.abs(differenceWatts - firstWatts);
  const always = sinceThen <= toleranceWatts;
  const severe = sinceThen > parameters.energyHighTolerances * toleranceWatts;
  return {
    severity: always ? 'low' : severe ? 'high' : 'medium',
    grade: 'X',
    reasons: [energyGround(balance, parameters)],
    counterReasons: [...(always ? [SINCE_EVER] : []), ...COUNTERS],
    unseen: [...(balance.measured ? [] : [MODELLED]), ...UNSEEN],
    onset: always ? null : { fromMs: began.endMs - began.minutes * SUMMARY_MS, toMs: began.endMs },
    assessments: node.notes
      .filter(({ endMs }) => endMs >= began.endMs)
      .map(({ endMs, revision }) => ({ windowEndMs: endMs, revision })),
  };
}

const SINCE_EVER = against(
  'The two have differed by about as much since they were first compared: wiring, a wrong factor or another device is likelier than a change of work.',
);
const COUNTERS = [
  against('Losses of power supplies and other devices on the same outlet show on the meter alone.'),
  against('A meter that is on another node, on several, or on one of two supplies looks the same.'),
];
const MODELLED =
  'The power of the whole node is not measured in band: its board, fans and supply are allowed what such machines may draw.';
const UNSEEN = [
  'Which of the two is wrong: they contradict each other, and that is all that is seen.',
  'What the power was used for, and by whom.',
  'A load that is smaller than the tolerance.',
];
