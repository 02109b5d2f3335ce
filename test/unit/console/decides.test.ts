import { expect, test } from 'vitest';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { SHIPPED_CALIBRATION } from '#libs/detect/explained/calibration.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { decides } from '#services/console/api/contract/decides.ts';
import { decidesBy } from '#services/console/api/decides.ts';

const told = decidesBy(PARAMETERS, SHIPPED_CALIBRATION);

test('what is told is in the form of the contract, with nothing beside it', () => {
  expect(decides.parse(told)).toEqual(told);
});

test('families come by behaviour, with the ranges that their runs were drawn from', () => {
  expect(told.families.map(({ name }) => name).sort()).toEqual(
    SHIPPED_MODEL.families.map(({ name }) => name),
  );
  expect(told.families[0]?.behaviour).toBe('B0');
  expect(told.families.at(-1)?.behaviour).toBe('B13');
  const matmul = told.families.find(({ name }) => name === 'matmul-pow');
  expect(matmul?.ranges.tensorPerSm).toEqual(FAMILIES.find(({ name }) => name === 'matmul-pow')?.tensorPerSm);
  expect(Object.keys(matmul?.ranges ?? {})).not.toContain('name');
});

test('the shipped calibration holds for the shipped detector, and says that it is synthetic', () => {
  expect(told.calibration.measured).toMatchObject({ data: 'synthetic', curves: expect.any(Array) });
  expect(told.calibration.measured?.curves.every(({ points }) => points.length > 3)).toBe(true);
});

test('a calibration of other parameters is not shown as one of these', () => {
  const other = decidesBy({ ...PARAMETERS, rarePrior: 0.2 }, SHIPPED_CALIBRATION);
  expect(other.calibration).toEqual({ command: SHIPPED_CALIBRATION.command, measured: null });
  expect(other.parameters).toContainEqual(expect.objectContaining({ name: 'rarePrior', value: 0.2 }));
});
