import { escapeHtml } from '../traces/escape-html.ts';
import { largestOf } from './search.ts';
import { judgeName } from './sections.ts';
import type { Suite } from './suite.ts';
import { isOf } from './world.ts';

const LEFT = 150;
const CELL = 36;
const ROW = 24;
const GAP = 12;
const HEAD = 92;

/** Techniques down, judges and their families across; colour and number are the share of runs with a finding. */
export function matrixPlot(suite: Suite): string {
  const { judges, families, techniques } = suite;
  const width = LEFT + judges.length * (families.length * CELL + GAP);
  const height = HEAD + techniques.length * ROW;
  const labels = techniques.map(
    (name, row) =>
      `<text x="${LEFT - 10}" y="${HEAD + row * ROW + 16}" text-anchor="end">${escapeHtml(name)}</text>`,
  );
  const groups = judges.map((judge, group) => {
    const left = LEFT + group * (families.length * CELL + GAP);
    const columns = families.map((family, index) => {
      const x = left + index * CELL;
      const name = `<text transform="translate(${x + CELL / 2 + 4} ${HEAD - 8}) rotate(-55)">${escapeHtml(shortName(family))}</text>`;
      const cells = techniques.map((technique, row) => {
        const cell = suite.cells.find(
          (one) => one.technique === technique && one.family === family && isOf(judge)(one),
        );
        return square(
          x,
          HEAD + row * ROW,
          cell && cell.found / cell.runs,
          `${technique}, ${family}, ${judgeName(judge)}`,
        );
      });
      return name + cells.join('');
    });
    return `<text class="head" x="${left}" y="12">${judgeName(judge)}</text>${columns.join('')}`;
  });
  return `<svg role="img" aria-label="detection rate by technique, family and level, percent" width="${width + 30}" height="${height}">${[...labels, ...groups].join('')}</svg>`;
}

function square(x: number, y: number, rate: number | undefined, title: string): string {
  const middle = `x="${x + CELL / 2 - 1}" y="${y + 16}" text-anchor="middle"`;
  if (rate === undefined) return `<text ${middle}>–</text>`;
  const percent = Math.round(100 * rate);
  const fill = `color-mix(in oklab, var(--hit) ${percent}%, var(--missed))`;
  const ink = percent > 45 ? 'onhit' : 'onmissed';
  return `<g><title>${escapeHtml(title)}: ${percent} %</title><rect x="${x}" y="${y}" width="${CELL - 2}" height="${ROW - 2}" style="fill: ${fill}"/><text class="${ink}" ${middle}>${percent}</text></g>`;
}

/** `memory-hard`, `matmul`: what is said of a family where room is short. */
function shortName(family: string): string {
  return family.replace(/^hash-pow-/, '').replace(/-pow$/, '');
}

const SCALE = 420;
const LINE = 18;

/** A line for each judge and family; its length is the largest output that stays undetected, each dot a technique. */
export function hiddenPlot(suite: Suite): string {
  const { judges, families, hidden } = suite;
  const x = (output: number) => LEFT + SCALE * output;
  const height = judges.length * (families.length * LINE + 26) + 24;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (output) =>
      `<line class="grid" x1="${x(output)}" x2="${x(output)}" y1="0" y2="${height - 20}"/><text x="${x(output)}" y="${height - 6}" text-anchor="middle">${100 * output} %</text>`,
  );
  const groups = judges.map((judge, group) => {
    const top = group * (families.length * LINE + 26);
    const lines = families.map((family, index) => {
      const y = top + 26 + index * LINE;
      const own = hidden.filter((one) => one.family === family && isOf(judge)(one));
      const dots = own.map(
        ({ technique, output }) =>
          `<circle class="dot" cx="${x(output)}" cy="${y}" r="3.5"><title>${escapeHtml(technique)}: ${(100 * output).toFixed(0)} %</title></circle>`,
      );
      const worst = largestOf(suite.hidden, family, judge);
      const most = worst
        ? `<line class="bar" x1="${x(0)}" x2="${x(worst.output)}" y1="${y}" y2="${y}"/><circle class="most" cx="${x(worst.output)}" cy="${y}" r="5"/><text x="${x(1) + 14}" y="${y + 4}">${(100 * worst.output).toFixed(0)} % ${escapeHtml(worst.technique)}</text>`
        : '';
      return `<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${escapeHtml(shortName(family))}</text>${dots.join('')}${most}`;
    });
    return `<text class="head" x="${LEFT - 10}" y="${top + 12}" text-anchor="end">${judgeName(judge)}</text>${lines.join('')}`;
  });
  return `<svg role="img" aria-label="largest undetected share of output by level and family" width="${x(1) + 190}" height="${height}">${[...grid, ...groups].join('')}</svg>`;
}
