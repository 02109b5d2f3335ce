import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { misfits, parametersSchema } from '#services/cli/backtest/parameters-file.ts';
import { readVersions } from '#services/cli/backtest/version.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-version-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('the shipped parameters and the shipped model are accepted, and change nothing', async () => {
  expect(parametersSchema.parse(PARAMETERS)).toEqual(PARAMETERS);
  expect(misfits(PARAMETERS)).toEqual([]);
  const [a, b] = await readVersions(
    [],
    [await file('model.json', SHIPPED_MODEL), await file('all.json', PARAMETERS)],
  );
  expect(b).toMatchObject({ parameters: a.parameters, model: a.model, changed: [] });
  expect(b.origin).toEqual({ parameters: 'all.json', model: 'model.json' });
  expect(a.origin).toEqual({ parameters: 'as shipped', model: 'as shipped' });
});

test('a subset of the parameters changes those alone, and is told beside what is shipped', async () => {
  const [a, b] = await readVersions([], [await file('subset.json', { ownPastZ: 8.5, flagLogOdds: -1 })]);
  expect(b.parameters).toEqual({ ...PARAMETERS, ownPastZ: 8.5, flagLogOdds: -1 });
  expect(b.changed).toEqual([
    { name: 'ownPastZ', shipped: PARAMETERS.ownPastZ, value: 8.5 },
    { name: 'flagLogOdds', shipped: PARAMETERS.flagLogOdds, value: -1 },
  ]);
  expect(a.parameters).toEqual(PARAMETERS);
});

test('a false-alarm budget can be compared, within what its table covers', async () => {
  const [a, b] = await readVersions(
    [await file('small.json', { falseAlarmBudget: 0.1 })],
    [await file('large.json', { falseAlarmBudget: 10 })],
  );
  expect([a, b].map(({ parameters }) => parameters.falseAlarmBudget)).toEqual([0.1, 10]);
  expect(a.changed).toEqual([{ name: 'falseAlarmBudget', shipped: 1, value: 0.1 }]);
  await expect(readVersions([await file('none.json', { falseAlarmBudget: 0 })], [])).rejects.toThrow(
    /falseAlarmBudget: expected a number, 0.1..100, got 0/,
  );
});

test('every problem of every file is named at once', async () => {
  const wrong = await file('wrong.json', {
    ownPastZ: 'six',
    minCoverageRatio: 1.5,
    unknownPrior: 0,
    closeTicks: 1.5,
    graceMs: -1,
    thresholds: 3,
    openWindows: 9,
    missedTicks: 30,
  });
  const model = await file('wrong-model.json', {
    features: SHIPPED_MODEL.features.slice(1),
    families: [{ name: 'x', behaviour: 'B99', bins: [[0.5, 2]] }],
  });
  const problems = await readVersions(
    [wrong],
    [model, join(folder, 'absent.json'), await file('text', 'x')],
  ).then(
    () => '',
    (error: Error) => error.message,
  );
  const expected = [
    'ownPastZ: expected a number, 0 or more, got "six"',
    'minCoverageRatio: expected a number, 0..1, got 1.5',
    'unknownPrior: expected a number above 0 and below 1, got 0',
    'closeTicks: expected a whole number, 1 or more, got 1.5',
    'graceMs: expected a whole number, 0 or more, got -1',
    'thresholds: expected no such key',
    `openWindows: expected at most openOfWindows (${PARAMETERS.openOfWindows}), got 9`,
    `missedTicks: expected less than blindTicks (${PARAMETERS.blindTicks}), got 30`,
    'families.0.behaviour: expected one of B0 to B13, got "B99"',
    'families.0.bins.0.1: expected at most 1, got 2',
    'absent.json: expected a readable JSON file',
    'text: expected a readable JSON file',
  ];
  for (const one of expected) expect(problems).toContain(one);
  expect(problems).toContain(`${expected.length} problem(s)`);
});

test.each([
  [
    'has the features in another order',
    (model: typeof SHIPPED_MODEL) => ({ ...model, features: model.features.toReversed() }),
    /features: expected the features of this detector, in its order: gpu-utilization, /,
  ],
  [
    'lacks a bin',
    (model: typeof SHIPPED_MODEL) => ({
      ...model,
      families: model.families.map((one) => ({
        ...one,
        bins: one.bins.map((bins) => bins?.slice(1) ?? null),
      })),
    }),
    /families.0.bins: expected for each feature one bin more than it has edges, or null/,
  ],
  [
    'has edges that fall',
    (model: typeof SHIPPED_MODEL) => ({
      ...model,
      features: model.features.map((one) => ({ ...one, edges: one.edges.toReversed() })),
    }),
    /features.0.edges: expected edges that rise/,
  ],
])('a model that %s is refused', async (_, change, refusal) => {
  await expect(readVersions([await file('changed.json', change(SHIPPED_MODEL))], [])).rejects.toThrow(
    refusal,
  );
});

test('two files of parameters for one version are refused', async () => {
  const two = [await file('one.json', { ownPastZ: 5 }), await file('two.json', { ownPastZ: 7 })];
  await expect(readVersions([], two)).rejects.toThrow(
    /two.json: expected one file of parameters and one model at most for B/,
  );
});
