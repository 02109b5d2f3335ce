import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '#deploy/servers/server.ts';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { documentDetector } from '#services/detector-document.ts';

const readme = readFileSync(join(repositoryRoot, 'libs', 'detect', 'README.md'), 'utf8');

test('the committed document is the one that `node services/detector-document.ts` writes', () => {
  expect(documentDetector(readme)).toBe(readme);
  expect(documentDetector(readme.replace('`rarePrior`', '`other`'))).toBe(readme);
});

test('the document has every feature, family and parameter', () => {
  const { version: _, ...parameters } = PARAMETERS;
  const names = [...FEATURES, ...SHIPPED_MODEL.families].map(({ name }) => name);
  const rows = new Set(readme.split('\n').map((line) => /^\| `([^`]+)`/.exec(line)?.[1]));
  expect([...names, ...Object.keys(parameters)].filter((name) => !rows.has(name))).toEqual([]);
});
