import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The product measures; whether something is allowed, and who answers for it, is for people to say. */
const JUDGEMENTS = /\b(illegal|illicit|guilty|guilt|culprit|offender|fraudster|criminal|is_?mining)\b/i;

const files = ['libs', 'services', 'deploy'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|js|html|css|proto|yaml|md)$/.test(name))
    .map((name) => join(folder, name)),
);

test('there is something to read', () => {
  expect(files.length).toBeGreaterThan(200);
});

test.each(files)('%s passes no judgement', (file) => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  expect(lines.filter((line) => JUDGEMENTS.test(line))).toEqual([]);
});
