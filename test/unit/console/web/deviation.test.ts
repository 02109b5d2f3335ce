import { expect, test } from 'vitest';
import { deviationInWords } from '#services/console/web/alerts/deviation.ts';

const ground = (rule: string, metric: string | null = null, text = '') => ({
  ...{ rule, metric, text, weight: 1, observed: null, expected: null },
});
const HASHING = ground(
  'behaviour',
  'gpu_sm_active_ratio',
  'SM activity of gpu2 was 99.0 %: proof-of-work hashing on GPU looks so more often than AI training',
);

test('a deviation says what its grounds say and no more', () => {
  const f = (rules: Parameters<typeof deviationInWords>[0], expected: string) =>
    expect(deviationInWords(rules, 'its')).toBe(expected);
  f([ground('envelope', 'gpu_power_watts'), ground('onset')], 'Its counters crossed a declared bound.');
  // Two GPUs beyond one bound cross one bound.
  f(
    ['gpu_power_watts', 'gpu_power_watts', 'cpu_utilization_ratio'].map((metric) =>
      ground('envelope', metric),
    ),
    'Its counters crossed 2 declared bounds.',
  );
  f(
    [HASHING, HASHING, ground('sequential')],
    'Its counters look like proof-of-work hashing on GPU (B4), which is not declared. No declared bound was crossed.',
  );
  f(
    [ground('sequential')],
    'Its counters spoke for what is not declared, over many windows. No declared bound was crossed.',
  );
  f(
    [ground('envelope', 'gpu_power_watts'), HASHING, ground('own-past')],
    'Its counters crossed a declared bound. They look like proof-of-work hashing on GPU (B4), which is not declared. They are unlike its own past.',
  );
});

test('of several nodes it speaks as of several', () => {
  expect(deviationInWords([ground('own-past'), ground('peers')], 'their')).toBe(
    'Their counters are unlike their own past. They are unlike those of their peers.',
  );
});

test('without grounds that it knows it names no envelope', () => {
  expect(deviationInWords([ground('onset')], 'its')).not.toMatch(/bound|envelope/);
});
