import { expect, test } from 'vitest';
import { SEVERAL_JOBS } from '#libs/traces/evasion/covers.ts';
import { MINERS } from '#libs/traces/evasion/miners.ts';
import { TECHNIQUES } from '#libs/traces/evasion/techniques.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { cellsOf, type Pair } from '#services/cli/evaluate/evasion/cells.ts';
import {
  ALL_HONEST,
  type Honest,
  honestInputs,
  honestOf,
  honestRuns,
} from '#services/cli/evaluate/evasion/honest.ts';
import { searchHidden } from '#services/cli/evaluate/evasion/search.ts';
import { type Extent, type Setting, settingOf } from '#services/cli/evaluate/evasion/setting.ts';
import { Threads } from '#services/cli/evaluate/evasion/threads.ts';
import { wholeInputs, wholeRuns } from '#services/cli/evaluate/evasion/whole.ts';
import { type Judge, judgesOf } from '#services/cli/evaluate/evasion/world.ts';

/** Weeks of many nodes are put through the detector. */
const SLOW_MS = 60_000;
const SPAN = { fromMs: Date.UTC(2026, 10, 23), toMs: Date.UTC(2026, 10, 25) };
const EXTENT: Extent = {
  // Peers are compared over ten minutes and more.
  sampling: { firstMinutes: 18, minutes: 4, everyHours: 42 },
  runs: 2,
  searchRuns: 1,
  honestRuns: 3,
  variedRuns: 0,
  whole: false,
  parts: 4,
};
const L3 = judgesOf(['L3']).filter(({ declared }) => declared === 'behaviours');
const setting = (seed = 1, judges: readonly Judge[] = L3) => settingOf(SPAN, EXTENT, seed, judges);

function pair(name: string, miner = matmulPow): Pair {
  const technique = TECHNIQUES.find((one) => one.name === name);
  if (technique === undefined) throw new RangeError(`${name}: expected a technique`);
  return { miner, technique };
}

test.each(MINERS.filter(({ behaviour }) => behaviour !== 'B6'))(
  'plain $name is found in every run at L3, within its first minutes',
  (miner) => {
    const [cell] = cellsOf(pair('plain', miner), setting());
    expect(cell).toMatchObject({ found: 2, runs: 2, output: 1, detection: { share: 1 } });
    expect(cell?.minutesToFinding).toBeLessThanOrEqual(5);
  },
);

test('the same seed gives the same cells', { timeout: SLOW_MS }, () => {
  const judges = judgesOf(['L3']);
  const once = cellsOf(pair('time share'), setting(3, judges));
  expect(cellsOf(pair('time share'), setting(3, judges))).toEqual(once);
  expect(once).toHaveLength(2);
});

test('what an agent at L1 cannot read, no run at L1 rests on', () => {
  const judges = judgesOf(['L1', 'L3']);
  const cells = cellsOf(pair('plain'), setting(1, judges));
  const behaviour = cells.map(({ judge, wouldHold }) => [judge.level, wouldHold.behaviour > 0]);
  expect(behaviour).toEqual([
    ['L1', false],
    ['L3', true],
    ['L1', false],
    ['L3', true],
  ]);
});

/** Runs of one control, summed up. */
function honest(control: string, of: Setting): readonly Honest[] {
  const inputs = [{ control, from: 0, to: 2 }];
  return honestOf(
    inputs,
    inputs.map((input) => honestRuns(input, of)),
    of.judges,
  );
}

test('an honest node among its peers has no finding at L3, and none of them stands out for long', () => {
  const [training, all] = honest('training', setting());
  expect(training).toMatchObject({ runs: 2, found: 0, falseAlarms: { share: 0 }, wouldHold: { peers: 0 } });
  expect(all).toMatchObject({ ...training, cover: ALL_HONEST });
});

test('nodes of several jobs under one declaration are no measure for each other', {
  timeout: SLOW_MS,
}, () => {
  const judges = judgesOf(['L2', 'L3+N']).filter(({ declared }) => declared === 'behaviours');
  for (const { cover, judge, found, wouldHold } of honest(SEVERAL_JOBS.name, setting(1, judges))) {
    expect([cover, judge.level, found, wouldHold.peers]).toEqual([cover, judge.level, 0, 0]);
  }
});

test('every honest run is in one piece of work', () => {
  const inputs = honestInputs({ ...EXTENT, honestRuns: 25, variedRuns: 1 });
  const runs = Map.groupBy(inputs, ({ control }) => control);
  expect(runs.get('training')?.map(({ from, to }) => [from, to])).toEqual([
    [0, 10],
    [10, 20],
    [20, 25],
  ]);
  expect(runs.size).toBe(6);
});

test('a miner among training nodes stands out against its peers at every level', { timeout: SLOW_MS }, () => {
  const judges = judgesOf().filter(({ declared }) => declared === 'behaviours');
  for (const cell of cellsOf(pair('plain'), setting(1, judges))) {
    expect(cell.wouldHold.peers, cell.judge.level).toBe(cell.runs);
  }
});

test('the search ends at an undetected strength below a detected one, with the output of the former', () => {
  const [hidden] = searchHidden(pair('side by side'), setting());
  const { undetected, detected, output } = hidden ?? { undetected: 0, detected: 0, output: 0 };
  expect(detected).toBe(undetected + 1 / 4);
  expect(output).toBeCloseTo(undetected, 2);
});

test('a plain miner that is found leaves nothing', () => {
  expect(searchHidden(pair('plain'), setting())).toMatchObject([{ undetected: 0, detected: 1, output: 0 }]);
});

test('a whole run has every window, and the strength that it is given', () => {
  const hour = { fromMs: SPAN.fromMs, toMs: SPAN.fromMs + 3_600_000 };
  const plain = pair('plain');
  const [judge] = L3;
  if (judge === undefined) throw new RangeError('expected a judge');
  const left = { undetected: 1, detected: null, output: 1 };
  const hidden = { family: 'matmul-pow', technique: 'plain', judge, ...left };
  const short = settingOf(hour, { ...EXTENT, whole: true }, 1, L3);
  const [training, ...others] = wholeInputs([plain], [hidden], short);
  if (training === undefined) throw new RangeError('expected the cover of training');
  expect(training.mining).toEqual([{ family: 'matmul-pow', technique: 'plain', strength: 1 }]);
  expect(others.map(({ cover, mining }) => [cover, mining.length])).toEqual([
    ['inference', 0],
    [SEVERAL_JOBS.name, 0],
  ]);
  const [mining, node] = wholeRuns(training, short);
  expect(mining).toMatchObject({
    what: 'matmul-pow, plain',
    strength: 1,
    minutesToFinding: expect.any(Number),
  });
  expect(node).toMatchObject({
    what: 'honest training',
    strength: null,
    windows: 60,
    minutesToFinding: null,
  });
});

test('a piece that fails ends the suite with its reason', async () => {
  await using threads = new Threads(1, { days: 1, seed: 1, extent: EXTENT, level: 'L3' }, () => undefined);
  const inputs = [{ control: 'gold', from: 0, to: 1 }];
  await expect(threads.all('honest', inputs)).rejects.toThrow('gold: expected one of training');
  await expect(threads.all('honest', inputs)).rejects.toThrow('gold: expected one of training');
});
