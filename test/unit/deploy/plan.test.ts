import { expect, test } from 'vitest';
import { needsServers } from '#test/servers/plan.ts';

test.each([
  ['', true], // every project
  ['--project unit', false],
  ['--project=unit test/unit/deploy', false],
  ['--project unit --project contract', true],
  ['--project chaos -t kill', true],
  ['--coverage --project unit', false],
])('vitest %s: needs servers %s', (line, expected) => {
  expect(needsServers(line.split(' ').filter(Boolean))).toBe(expected);
});
