import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRIC_HELP } from '#libs/runtime/metric-help.ts';

const COUNTED = /(?:counters\??\.(?:add|set)|new Tally)\(\s*'([a-z_0-9]+)'/g;

test('every number that the code counts is described, and no other', () => {
  const root = join(import.meta.dirname, '../../..');
  const files = globSync('{libs,services}/**/*.ts', { cwd: root });
  const counted = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(COUNTED)].map(([, name]) => name),
  );
  expect(new Set(Object.keys(METRIC_HELP))).toEqual(new Set(counted));
});
