/** Writes what the detector decides by into libs/detect/README.md, from the code: `node services/detector-document.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { type Explanation, explain } from '#libs/detect/explained/explain.ts';
import { PARTS } from '#libs/detect/explained/meanings.ts';
import { chapters, LIMITS } from '#libs/detect/explained/words.ts';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { SHIPPED_HOST_MODEL } from '#libs/detect/host-evidence/shipped.ts';
import { DETECTOR, PARAMETERS } from '#libs/detect/parameters.ts';
import { BEHAVIOURS } from '#libs/model/behaviour.ts';
import { FAMILIES, type Family } from '#libs/traces/families.ts';
import type { Range } from '#libs/traces/traffic.ts';
import { markdownTable } from './markdown-table.ts';

const README = join(import.meta.dirname, '../libs/detect/README.md');
const MADE = /(?<=<!-- decides -->\n\n)[\s\S]*(?=\n\n<!-- \/decides -->)/;

const SIDES = { undeclared: 'nobody declares it', ordinary: 'ordinary', unknown: 'unknown' } as const;

/** Ranges of a family that features show, as columns. */
const RANGES = {
  sm: 'SM',
  tensorPerSm: 'tensor per SM',
  dramPerSm: 'memory per SM',
  integerPerSm: 'integer per SM',
  fp32PerSm: 'FP32 per SM',
  integerShare: 'integers in tensor',
  pcie: 'PCIe, log10 By/s',
  nvlink: 'NVLink, log10 By/s',
  duty: 'share of time at work',
  network: 'network, log10 By/s',
  sent: 'share of it sent',
  offline: 'share of runs without',
  storage: 'disk reads, log10 By/s',
  fabric: 'fabric, log10 By/s',
} as const satisfies Partial<Record<keyof Family, string>>;

/** The document with all that is generated made anew. */
export function documentDetector(readme: string): string {
  const explanation = explain(SHIPPED_MODEL, PARAMETERS);
  return readme.replace(MADE, () =>
    [words(), features(explanation), families(explanation), hosts(), parameters(explanation)].join('\n\n'),
  );
}

function words(): string {
  const told = chapters(PARAMETERS).flatMap(({ title, paragraphs }) => [`## ${title}`, ...paragraphs]);
  const limits = markdownTable([['question', 'can telemetry answer it?'], ...LIMITS]);
  return [...told, '## What it cannot tell', limits].join('\n\n');
}

function features({ features: all }: Explanation): string {
  const rows = all.map(({ name, level, words: told, metric, unit, edges }) => [
    ...[`\`${name}\``, level, told, `\`${metric}\``, unit],
    edges.join(' '),
  ]);
  return [
    '## Every feature',
    'Of one GPU, over one window; those of level N of the whole node. A bin begins at each edge; the first and the last are open. Source: `evidence/features.ts` and `evidence/traffic.ts`; the edges are chosen for reading, not fitted.',
    markdownTable([['feature', 'level', 'in words', 'metric', 'unit', 'edges of the bins'], ...rows]),
  ].join('\n\n');
}

function families({ families: all, made }: Explanation): string {
  const known = new Map(FAMILIES.map((family) => [family.name, family]));
  const rows = all.map(({ name, behaviour, side }) => {
    const family = known.get(name);
    const ranges = (Object.keys(RANGES) as (keyof typeof RANGES)[]).map((key) => rangeText(family?.[key]));
    return [`\`${name}\``, `${behaviour} ${BEHAVIOURS[behaviour]}`, SIDES[side], ...ranges];
  });
  const head = ['family', 'behaviour', 'counts as', ...Object.values(RANGES)];
  return [
    '## Every family',
    `${DETECTOR}, made by \`${made.command}\` from ${made.windows} windows: **${made.data}**. The probability of each bin is in \`evidence/model.json\`. A simulated run drew one value from each range; where they come from is said in \`libs/traces/{families,kinds,traffic}.ts\`.`,
    markdownTable([head, ...rows]),
  ].join('\n\n');
}

function hosts(): string {
  const { made, families: all } = SHIPPED_HOST_MODEL;
  const features = HOST_FEATURES.map(({ name, words: told, metric, unit, edges }) => [
    ...[`\`${name}\``, told, `\`${metric}\``, unit],
    edges.join(' '),
  ]);
  return [
    '## A host whose GPUs wait, or that has none',
    `Made by \`${made.command}\` from ${made.windows} windows: **${made.data}**. The probability of each bin is in \`host-evidence/model.json\`. Source: \`host-evidence/features.ts\`; the edges are chosen for reading, not fitted.`,
    markdownTable([['feature', 'in words', 'metric', 'unit', 'edges of the bins'], ...features]),
    markdownTable([
      ['family', 'behaviour'],
      ...all.map(({ name, behaviour }) => [`\`${name}\``, `${behaviour} ${BEHAVIOURS[behaviour]}`]),
    ]),
  ].join('\n\n');
}

function parameters({ parameters: all, fixed }: Explanation): string {
  const tables = Object.entries(PARTS).flatMap(([part, title]) => [
    `### ${title}`,
    markdownTable([
      ['parameter', 'value', 'unit', 'meaning', 'source'],
      ...all
        .filter((one) => one.part === part)
        .map(({ name, value, unit, meaning, source }) => [`\`${name}\``, `${value}`, unit, meaning, source]),
    ]),
  ]);
  const numbers = markdownTable([
    ['constant', 'value', 'unit', 'meaning'],
    ...fixed.map(({ name, value, unit, meaning }) => [`\`${name}\``, `${value}`, unit, meaning]),
  ]);
  return ['## Every parameter', ...tables, '### Numbers that are no parameters', numbers].join('\n\n');
}

function rangeText(range: Range | undefined): string {
  if (range === undefined) return '';
  return range[0] === range[1] ? `${range[0]}` : `${range[0]}–${range[1]}`;
}

if (import.meta.main) writeFileSync(README, documentDetector(readFileSync(README, 'utf8')));
