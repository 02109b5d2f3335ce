import { escapeHtml } from '../traces/escape-html.ts';
import type { Section } from '../traces/section.ts';
import { hiddenPlot, matrixPlot } from './plots.ts';
import { caveat, sectionsOf } from './sections.ts';
import type { Suite } from './suite.ts';

/** One page without any outside resource, light or dark as the reader's machine is. */
export function reportOf(suite: Suite): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>davylamp: evasion (synthetic)</title><style>${STYLE}</style></head><body>
<h1>How much mining stays undetected <small>synthetic</small></h1>
<p>${escapeHtml(caveat(suite))}</p>
<h2>Detection rate by technique and family (synthetic)</h2>
<p>Percent of runs with a finding, at the technique's usual strength. A dash: not possible.</p>
<div class="wide">${matrixPlot(suite)}</div>
<h2>Share of full output that stays undetected for ${suite.days} days (synthetic)</h2>
<p>A dot is a technique; the largest is named: what whoever hides best keeps.</p>
<div class="wide">${hiddenPlot(suite)}</div>
${sectionsOf(suite).map(sectionOf).join('\n')}
</body></html>
`;
}

function sectionOf({ title, note, head, rows }: Section): string {
  const cells = (row: readonly (string | number)[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  const table =
    rows.length === 0
      ? ''
      : `<div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>\n${body}</tbody></table></div>`;
  return `<h2>${escapeHtml(title)}</h2><p>${escapeHtml(note)}</p>${table}`;
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --line: #d5d9de; --soft: #5a6470; --grid: #e8ebee;
  --missed: #f7ddcc; --hit: #1f5f9f; --onhit: #fff; --onmissed: #1b1f24; --dot: #c2571a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --line: #353b43; --soft: #9aa5b1;
  --grid: #23282f; --missed: #4a2c1b; --hit: #7ab3ea; --onhit: #14171b; --onmissed: #e6e9ed; --dot: #ef8d4e; } }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); max-width: 78rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h1 small { font-weight: normal; color: var(--dot); } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
p { color: var(--soft); max-width: 55rem; } .wide { overflow-x: auto; padding-bottom: .5rem; }
table { border-collapse: collapse; font-size: 13px; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
td { font-variant-numeric: tabular-nums; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg text.head { fill: var(--ink); font-weight: 600; } svg text.onhit { fill: var(--onhit); } svg text.onmissed { fill: var(--onmissed); }
.grid { stroke: var(--grid); } .dot { fill: var(--dot); fill-opacity: .55; } .most { fill: var(--dot); } .bar { stroke: var(--dot); stroke-width: 2; }
`;
