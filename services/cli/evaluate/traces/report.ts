import { PARAMETERS } from '#libs/detect/parameters.ts';
import { BEHAVIOURS, type Behaviour, mostLikely } from '#libs/model/behaviour.ts';
import { escapeHtml } from './escape-html.ts';
import type { Evaluation } from './evaluation.ts';
import { calibrationPlot, oddsPlot, timeline } from './plots.ts';
import { isOrdinary } from './scores.ts';
import type { Section } from './section.ts';

/** One page without any outside resource, light or dark as the reader's machine is. */
export function reportOf(evaluation: Evaluation): string {
  const { traces, sections, skipped } = evaluation;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>davylamp: evaluation on traces</title><style>${STYLE}</style></head><body>
<h1>Evaluation on traces</h1>
<p>A window is 60 s. <em>Flagged</em>: it would raise a deviation finding on a node declared B0 to B3 without bounds.
Everything named <em>synthetic</em> rests on simulated machines. What each label's windows came back as:</p>
${legend(evaluation)}
<table><thead><tr><th>trace</th><th>level</th><th>windows, by their likeliest behaviour; underlined where labelled proof-of-work; a dot marks a change, a cross a flag</th></tr></thead><tbody>
${traces.map(({ result, windows }) => `<tr><td>${escapeHtml(result.id)}</td><td>${result.level}</td><td>${timeline(windows)}</td></tr>`).join('\n')}
</tbody></table>
<h2>Log odds of what nobody declares, against all else</h2>
<p>Windows of one GPU: each bar from the 5th to the 95th percentile, its mark the median. The line is the threshold of ${PARAMETERS.flagLogOdds} nats.</p>
${oddsPlot(oddsOf(evaluation), PARAMETERS.flagLogOdds)}
<h2>Calibration</h2>
${calibrationPlot(evaluation.calibrations)}
${sections.map(sectionOf).join('\n')}
<h2>Skipped</h2><ul>${skipped.map(({ id, why }) => `<li>${escapeHtml(id)}: ${escapeHtml(why)}</li>`).join('')}</ul>
</body></html>
`;
}

function legend({ traces }: Evaluation): string {
  const seen = new Set(
    traces.flatMap(({ windows }) => windows.map(({ assessment }) => mostLikely(assessment.behaviours))),
  );
  return `<p>${(Object.keys(BEHAVIOURS) as Behaviour[])
    .filter((behaviour) => seen.has(behaviour))
    .map(
      (behaviour) =>
        `<span class="key"><svg width="12" height="12"><rect class="${behaviour}" width="12" height="12"/></svg> ${behaviour} ${escapeHtml(BEHAVIOURS[behaviour])}</span>`,
    )
    .join(' ')}</p>`;
}

function oddsOf({ families, real }: Evaluation) {
  const recorded = [...Map.groupBy(real, ({ trace }) => trace)].map(([name, windows]) => ({
    name,
    ordinary: true,
    odds: windows.map(({ score }) => score.logOdds),
  }));
  const simulated = families.map(({ family, windows }) => ({
    name: `synthetic ${family.name}`,
    ordinary: isOrdinary(family.behaviour) || family.behaviour === 'B13',
    odds: windows.map(({ score }) => score.logOdds),
  }));
  return [...recorded, ...simulated];
}

function sectionOf({ title, note, head, rows }: Section): string {
  const cells = (row: readonly (string | number)[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('');
  return `<h2>${escapeHtml(title)}</h2><p>${escapeHtml(note)}</p><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>
${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')}</tbody></table>`;
}

/** Hues of the behaviours are told apart also by their lightness. */
const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --line: #d5d9de; --soft: #5a6470; --grid: #e8ebee;
  --ordinary: #2f6fb2; --other: #c2571a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --line: #353b43; --soft: #9aa5b1;
  --grid: #23282f; --ordinary: #6fa8e0; --other: #ef8d4e; } }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; } p { color: var(--soft); max-width: 50rem; }
table { border-collapse: collapse; font-size: 13px; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
td { font-variant-numeric: tabular-nums; } td:first-child { white-space: nowrap; } .key { margin-right: 1rem; white-space: nowrap; }
svg { overflow: visible; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } .grid { stroke: var(--grid); }
.mark { stroke: var(--ink); stroke-width: 2; } .limit { stroke: var(--ink); stroke-dasharray: 4 3; } .dot { fill: var(--ink); }
.cross { stroke: var(--ink); stroke-width: 1.5; } .pow { fill: var(--ink); } .ordinary { fill: var(--ordinary); stroke: var(--ordinary); }
.other { fill: var(--other); stroke: var(--other); } .thin { stroke-width: 1.5; fill: none; }
.B0 { fill: #9fb3c8; } .B1 { fill: #2f6fb2; } .B2 { fill: #3aa187; } .B3 { fill: #8a7bd1; } .B4 { fill: #d9541e; } .B5 { fill: #b3261e; }
.B6 { fill: #a8325f; } .B7 { fill: #d08a1d; } .B8, .B9, .B10, .B11, .B12 { fill: #7d5a3c; } .B13 { fill: #c9b458; }
`;
