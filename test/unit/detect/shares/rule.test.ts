import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { sharesGrounds } from '#libs/detect/shares/rule.ts';
import type { ShareEstimate } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';

const told = (behaviours: Partial<Record<Behaviour, ShareEstimate>>) => ({
  fromMs: 0,
  windows: 1440,
  behaviours,
});
const grounds = (low: number, declared: readonly Behaviour[] = ['B1']) =>
  sharesGrounds(
    told({ B1: { share: 0.7, low: 0.68, high: 0.72 }, B4: { share: 0.3, low, high: 0.32 } }),
    new Set(declared),
    PARAMETERS,
  );

test('a share of what nobody declares is a ground from its lower bound on, with the numbers', () => {
  const [ground] = grounds(0.28);
  expect(ground).toMatchObject({ rule: 'shares', metric: null, observed: 0.3, expected: 0.05 });
  expect(ground?.text).toContain('30 % of proof-of-work hashing on GPU, at least 28 % and at most 32 %');
  expect(ground?.weight).toBeGreaterThan(0);
  expect(ground?.weight).toBeLessThanOrEqual(PARAMETERS.weightCap);
});

test('a share that may be nothing, one that is declared, and ordinary compute are none', () => {
  expect(grounds(0.04)).toEqual([]);
  expect(grounds(0.28, ['B1', 'B4'])).toEqual([]);
  expect(grounds(0.28, []).length).toBe(1);
});
