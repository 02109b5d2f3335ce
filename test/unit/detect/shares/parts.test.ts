import { expect, test } from 'vitest';
import { Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { SHARED } from '#libs/detect/shares/panes.ts';
import { type Part, partsOf } from '#libs/detect/shares/parts.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';

const scorer = new Scorer(SHIPPED_MODEL, PARAMETERS);
const nothing = scorer.score(new Int8Array(SHIPPED_MODEL.features.length).fill(-1));
const ofPart = (part: Part | undefined, behaviour: Behaviour) =>
  part?.likelihoods[SHARED.indexOf(behaviour)] ?? Number.NaN;

test('a window without any evidence is as likely under each behaviour that the model knows', () => {
  const [part] = partsOf({ idle: false, busyHost: false, scores: [nothing], gpus: 1 }, scorer);
  for (const behaviour of ['B0', 'B1', 'B2', 'B3', 'B4', 'B5', 'B7', 'B13'] as const)
    expect(ofPart(part, behaviour)).toBeCloseTo(1, 9);
  expect(ofPart(part, 'B8')).toBe(0);
});

test('an idle node is idle, one without profiling counters unknown, each GPU by its share', () => {
  const [idle] = partsOf({ idle: true, busyHost: false, scores: [], gpus: 0 }, scorer);
  expect([idle?.weight, ofPart(idle, 'B0'), ofPart(idle, 'B13')]).toEqual([1, 1, 0]);
  const [blind] = partsOf({ idle: false, busyHost: false, scores: [], gpus: 8 }, scorer);
  expect([blind?.weight, ofPart(blind, 'B13')]).toEqual([1, 1]);
  const parts = partsOf({ idle: false, busyHost: false, scores: [nothing, nothing], gpus: 8 }, scorer);
  expect(parts.map(({ weight }) => weight)).toEqual([1 / 8, 1 / 8, 6 / 8]);
  expect(ofPart(parts[2], 'B13')).toBe(1);
});

test('GPUs that wait beside a busy CPU are unknown, not idle', () => {
  const { tables } = scorer;
  const idle = tables.families.findIndex(({ behaviour }) => behaviour === 'B0');
  const bins = Int8Array.from(tables.features, (_, feature) => {
    const density = tables.families[idle]?.bins[feature];
    return density ? density.indexOf(Math.max(...density)) : -1;
  });
  const score = scorer.score(bins);
  const shown = { idle: false, scores: [score], gpus: 1 };
  const [waits] = partsOf({ ...shown, busyHost: false }, scorer);
  const [busy] = partsOf({ ...shown, busyHost: true }, scorer);
  expect(ofPart(waits, 'B0')).toBeGreaterThan(ofPart(waits, 'B13'));
  expect(ofPart(busy, 'B0')).toBe(0);
  expect(ofPart(busy, 'B13')).toBe(ofPart(waits, 'B0'));
});
