import type { BehaviourShares, ShareEstimate } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { nodeHour, nodeHourStartMs } from '#libs/model/node-hour.ts';
import { PANE, PANE_WIDTH, SHARED, type SharePanes } from './panes.ts';
import type { Part } from './parts.ts';

export interface ShareParameters {
  /** Windows that count as one: those of a run look alike. */
  readonly sharesRunWindows: number;
  /** A window surely is what is likelier than 1 less this, and possibly what is likelier than this. */
  readonly sharesDoubt: number;
  /** Windows below which nothing is told. */
  readonly sharesWindows: number;
}

/** Whose hours these are, and over which window. */
export interface ShareSubject {
  readonly node: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
}

/** Before a window was seen each behaviour counts as half a run: the prior of Jeffreys for shares. */
const JEFFREYS = 0.5;
/** A behaviour that is not possibly in more of the time is not listed. */
const LISTED = 0.005;

const sums = new Float64Array(PANE_WIDTH);
const mix = new Float64Array(SHARED.length);

/**
 * Takes a window into the last 24 hours of its node.
 *
 * The shares are the proportions of a mixture, by maximum likelihood over the windows: expectation–maximization in one
 * pass. A window's behaviour is weighed with the shares as they are so far (E), and what comes out is added to them
 * (M). Sources: Cappé & Moulines, "On-line expectation–maximization algorithm for latent data models" (2009), with the
 * hours' sums in place of a step size; Neal & Hinton, "A view of the EM algorithm that justifies incremental, sparse,
 * and other variants" (1998), whose sums these are. O(parts × behaviours).
 */
export function addWindow(
  panes: SharePanes,
  place: number,
  { node, windowStartMs }: ShareSubject,
  parts: readonly Part[],
  parameters: ShareParameters,
): void {
  const pane = panes.open(place, nodeHour(node, windowStartMs));
  if (pane === null) return;
  mixOf(panes, place, parameters);
  for (const part of parts) addPart(pane, part, parameters.sharesDoubt);
  pane[PANE.windows] = pane[PANE.windows]! + 1;
}

/** The shares so far, so many windows of which count as one, and each behaviour for a half beforehand. */
function mixOf(panes: SharePanes, place: number, { sharesRunWindows }: ShareParameters): void {
  panes.sum(place, sums, PANE.surely);
  for (let i = 0; i < mix.length; i++) mix[i] = sums[PANE.expected + i]! / sharesRunWindows + JEFFREYS;
}

function addPart(pane: Float32Array, { weight, likelihoods }: Part, doubt: number): void {
  let all = 0;
  for (let i = 0; i < mix.length; i++) all += likelihoods[i]! * mix[i]!;
  for (let i = 0; i < mix.length; i++) {
    const probability = (likelihoods[i]! * mix[i]!) / all;
    pane[PANE.expected + i] = pane[PANE.expected + i]! + weight * probability;
    if (probability >= 1 - doubt) pane[PANE.surely + i] = pane[PANE.surely + i]! + weight;
    if (probability >= doubt) pane[PANE.possibly + i] = pane[PANE.possibly + i]! + weight;
  }
}

/**
 * The shares, in the first window of each of the node's hours; else null, and below `sharesWindows`.
 *
 * All windows are seen, so it is in doubt what each was, not which were drawn. Windows of a run are mistaken together.
 * The bounds hold however they depend on each other: the quantile of a sum of what goes up and down together is the
 * sum of quantiles (Dhaene et al., "The concept of comonotonicity in actuarial science and finance", 2002, theorem 5).
 * So the lower bound counts the windows that surely are a behaviour, the upper one those that possibly are.
 */
export function tellShares(
  panes: SharePanes,
  place: number,
  { node, windowEndMs }: ShareSubject,
  { sharesWindows }: ShareParameters,
): BehaviourShares | null {
  if (!panes.tell(place, nodeHour(node, windowEndMs))) return null;
  const oldest = panes.sum(place, sums);
  const windows = Math.round(sums[PANE.windows]!);
  if (windows < sharesWindows) return null;
  const behaviours: Partial<Record<Behaviour, ShareEstimate>> = {};
  SHARED.forEach((behaviour, index) => {
    const estimate = estimateOf(index, windows);
    if (estimate.high > LISTED) behaviours[behaviour] = estimate;
  });
  return { fromMs: nodeHourStartMs(node, oldest), windows, behaviours };
}

function estimateOf(index: number, windows: number): ShareEstimate {
  const ratio = (place: number) => Math.min(1, rounded(sums[place + index]! / windows));
  const share = ratio(PANE.expected);
  // A window that is surely a behaviour is that to 95 % or more: the bounds never cross the share.
  const [surely, possibly] = [ratio(PANE.surely), ratio(PANE.possibly)];
  return { share, low: Math.min(share, surely), high: Math.max(share, possibly) };
}

/** What a quarter of a window in an hour is worth. */
const rounded = (ratio: number) => Math.round(ratio * 1_000) / 1_000;
