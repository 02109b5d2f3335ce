import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { addWindow, tellShares } from '#libs/detect/shares/estimate.ts';
import { SHARED, SharePanes } from '#libs/detect/shares/panes.ts';
import type { Part } from '#libs/detect/shares/parts.ts';
import type { BehaviourShares } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { normal, START_MS, seeded } from '../world.ts';

const MINUTE_MS = 60_000;

const part = (weight: number, likelihoods: Partial<Record<Behaviour, number>>): Part => ({
  weight,
  likelihoods: Float64Array.from(SHARED, (behaviour) => likelihoods[behaviour] ?? 0),
});

/** What is told over these minutes, hour by hour. */
function tell(minutes: number, partsAt: (minute: number) => readonly Part[]): BehaviourShares[] {
  const panes = new SharePanes();
  for (const slab of panes.slabs) slab.ensure(1);
  const told: BehaviourShares[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const windowStartMs = START_MS + minute * MINUTE_MS;
    const subject = { node: 'n1', windowStartMs, windowEndMs: windowStartMs + MINUTE_MS };
    addWindow(panes, 0, subject, partsAt(minute), PARAMETERS);
    const shares = tellShares(panes, 0, subject, PARAMETERS);
    if (shares) told.push(shares);
  }
  return told;
}

const SURELY_B1 = [part(1, { B1: 1 })];
const SURELY_B4 = [part(1, { B4: 1 })];

test('nothing is told before there are windows enough, then once an hour, over 24 hours at most', () => {
  const told = tell(40 * 60, () => SURELY_B1);
  expect([37, 38]).toContain(told.length);
  expect(told[0]?.windows).toBeGreaterThanOrEqual(PARAMETERS.sharesWindows);
  expect(told[0]?.windows).toBeLessThan(PARAMETERS.sharesWindows + 60);
  const last = told.at(-1);
  expect(last?.windows).toBe(24 * 60);
  expect(last?.behaviours).toEqual({ B1: { share: 1, low: 1, high: 1 } });
  const before = told.at(-2);
  expect((last?.fromMs ?? 0) - (before?.fromMs ?? 0)).toBe(60 * MINUTE_MS);
});

test('what windows surely are is told to the hundredth, with bounds to match', () => {
  const [last] = tell(25 * 60, (minute) => (minute % 120 < 84 ? SURELY_B1 : SURELY_B4)).slice(-1);
  expect(last?.behaviours).toEqual({
    B1: { share: 0.7, low: 0.7, high: 0.7 },
    B4: { share: 0.3, low: 0.3, high: 0.3 },
  });
});

test('GPUs count by their share of the node, and hours that are past leave', () => {
  const eight = (hash: number) =>
    Array.from({ length: 8 }, (_, gpu) => part(1 / 8, gpu < hash ? { B4: 1 } : { B1: 1 }));
  const told = tell(49 * 60, (minute) => eight(minute < 24 * 60 ? 2 : 8));
  expect(told[19]?.behaviours.B4?.share).toBeCloseTo(0.25, 2);
  expect(told.at(-1)?.behaviours).toEqual({ B4: { share: 1, low: 1, high: 1 } });
});

/** Two days of windows of two behaviours that often look alike: normal values two apart. */
function blurred(seed: number, ratio: number) {
  const random = seeded(seed);
  return Array.from({ length: 49 * 60 }, () => {
    const first = random() < ratio;
    const value = (first ? -1 : 1) + normal(random);
    return { first, B1: Math.exp(-((value + 1) ** 2) / 2), B4: Math.exp(-((value - 1) ** 2) / 2) };
  });
}

test('shares of behaviours that often look alike are not pulled to the beliefs from before looking', () => {
  for (const [seed, ratio] of [0.5, 0.7, 0.9, 0.98].entries()) {
    const windows = blurred(seed + 1, ratio);
    const [last] = tell(windows.length, (minute) => [part(1, windows[minute] ?? {})]).slice(-1);
    const day = windows.slice(-24 * 60);
    const really = day.filter(({ first }) => first).length / day.length;
    const posteriors = day.reduce((sum, { B1, B4 }) => sum + B1 / (B1 + B4), 0) / day.length;
    const error = Math.abs((last?.behaviours.B1?.share ?? 0) - really);
    expect(error).toBeLessThan(0.05);
    if (ratio >= 0.9) expect(error).toBeLessThan(Math.abs(posteriors - really) / 2);
  }
});

test('where windows could be either, the bounds say so', () => {
  const either = [part(1, { B2: 1, B5: 1.3 })];
  const [first] = tell(5 * 60, () => either);
  expect(first?.behaviours.B2?.low).toBe(0);
  expect(first?.behaviours.B5?.high).toBe(1);
  const { B2, B5 } = first?.behaviours ?? {};
  expect((B2?.share ?? 0) + (B5?.share ?? 0)).toBeCloseTo(1, 2);
});

test('the same windows give the same, also from the bytes of a checkpoint', () => {
  const windows = blurred(3, 0.6).slice(0, 600);
  const panes = new SharePanes();
  const restored = new SharePanes();
  for (const slab of panes.slabs) slab.ensure(1);
  const take = (into: SharePanes, from: number, to: number) => {
    for (let minute = from; minute < to; minute++) {
      const windowStartMs = START_MS + minute * MINUTE_MS;
      const subject = { node: 'n1', windowStartMs, windowEndMs: windowStartMs + MINUTE_MS };
      addWindow(into, 0, subject, [part(1, windows[minute] ?? {})], PARAMETERS);
    }
  };
  take(panes, 0, 300);
  panes.slabs.forEach((slab, index) => {
    restored.slabs[index]?.restore(Buffer.concat(slab.bytes(1)), 1);
  });
  take(panes, 300, 600);
  take(restored, 300, 600);
  const bytes = (of: SharePanes) => of.slabs.map((slab) => Buffer.concat(slab.bytes(1)).toString('hex'));
  expect(bytes(restored)).toEqual(bytes(panes));
});
