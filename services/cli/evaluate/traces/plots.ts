import { mostLikely } from '#libs/model/behaviour.ts';
import type { CalibrationOf } from './calibration-section.ts';
import { escapeHtml } from './escape-html.ts';
import type { LabelledWindow } from './run.ts';
import { isChange } from './tally.ts';

const CELL = 9;
const ROW = 18;
/** Windows in a line of a strip. */
const LINE = 72;

/** A trace as a strip of windows: colour by likeliest behaviour, a line below where labelled proof-of-work. */
export function timeline(windows: readonly LabelledWindow[]): string {
  const cells = windows.map((window, index) => {
    const { label, assessment } = window;
    const x = (index % LINE) * CELL;
    const y = Math.floor(index / LINE) * (ROW + 2);
    const likeliest = mostLikely(assessment.behaviours);
    const middle = x + CELL / 2 - 0.5;
    const marks = [
      label.startsWith('pow_') ? `<rect class="pow" x="${x}" y="15" width="${CELL}" height="2"/>` : '',
      isChange(window) ? `<circle class="dot" cx="${middle}" cy="7" r="1.8"/>` : '',
      assessment.conformity === 'deviates' ? `<path class="cross" d="M${x + 1} 2l6 10m0-10l-6 10"/>` : '',
    ];
    const title = `minute ${window.startSeconds / 60}: ${label || 'no label'}, ${likeliest}, ${assessment.conformity}`;
    return `<g transform="translate(0 ${y})"><title>${escapeHtml(title)}</title><rect class="${likeliest}" x="${x}" y="0" width="${CELL - 1}" height="14" opacity="${label === '' ? 0.35 : 1}"/>${marks.join('')}</g>`;
  });
  return `<svg role="img" aria-label="${windows.length} windows" width="${Math.min(LINE, windows.length) * CELL}" height="${Math.ceil(windows.length / LINE) * (ROW + 2)}">${cells.join('')}</svg>`;
}

export interface OddsOf {
  readonly name: string;
  readonly ordinary: boolean;
  readonly odds: readonly number[];
}

const LEFT = 300;
const WIDTH = 560;

/** Bars from the 5th to the 95th percentile with the median, one a row. */
export function oddsPlot(kinds: readonly OddsOf[], threshold: number): string {
  const all = kinds.flatMap(({ odds }) => odds);
  const [low, high] = [Math.floor(Math.min(0, ...all)), Math.ceil(Math.max(1, ...all))];
  const x = (value: number) => LEFT + (WIDTH * (value - low)) / (high - low);
  const height = kinds.length * ROW + 24;
  const ticks = Array.from({ length: Math.floor((high - low) / 5) + 1 }, (_, index) => low + 5 * index);
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="0" y2="${height - 20}"/><text x="${x(tick)}" y="${height - 6}" text-anchor="middle">${tick}</text>`,
  );
  const rows = kinds.map(({ name, ordinary, odds }, index) => {
    const sorted = [...odds].sort((a, b) => a - b);
    const at = (ratio: number) => x(sorted[Math.floor(ratio * (sorted.length - 1))] ?? 0);
    const y = index * ROW;
    const width = Math.max(1, at(0.95) - at(0.05));
    return `<text x="${LEFT - 10}" y="${y + 12}" text-anchor="end">${escapeHtml(name)}</text><rect class="${ordinary ? 'ordinary' : 'other'}" x="${at(0.05)}" y="${y + 4}" width="${width}" height="9" opacity=".7"/><line class="mark" x1="${at(0.5)}" x2="${at(0.5)}" y1="${y + 2}" y2="${y + 15}"/>`;
  });
  const limit = `<line class="limit" x1="${x(threshold)}" x2="${x(threshold)}" y1="0" y2="${height - 20}"/>`;
  return `<svg role="img" aria-label="log odds by family and trace" width="${LEFT + WIDTH + 20}" height="${height}">${[...grid, ...rows, limit].join('')}</svg>`;
}

const SIDE = 280;

/** Probability said against the share that was so, with 95 % intervals; the diagonal is perfect. */
export function calibrationPlot(kinds: readonly CalibrationOf[]): string {
  const x = (ratio: number) => 40 + SIDE * ratio;
  const y = (ratio: number) => 10 + SIDE * (1 - ratio);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (ratio) =>
      `<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(ratio)}" y2="${y(ratio)}"/><text x="${x(0) - 6}" y="${y(ratio) + 4}" text-anchor="end">${100 * ratio}</text><text x="${x(ratio)}" y="${y(0) + 16}" text-anchor="middle">${100 * ratio}</text>`,
  );
  const series = kinds.map(({ name, groups }, index) => {
    const style = index === 0 ? 'other' : 'ordinary';
    const points = groups.map(
      ({ said, held }) =>
        `<line class="${style} thin" x1="${x(said)}" x2="${x(said)}" y1="${y(held.low)}" y2="${y(held.high)}"/><circle class="${style}" cx="${x(said)}" cy="${y(held.share)}" r="3.5"/>`,
    );
    return `${points.join('')}<circle class="${style}" cx="${x(1) + 24}" cy="${24 + 20 * index}" r="3.5"/><text x="${x(1) + 34}" y="${28 + 20 * index}">${escapeHtml(name)}</text>`;
  });
  const diagonal = `<line class="limit" x1="${x(0)}" x2="${x(1)}" y1="${y(0)}" y2="${y(1)}"/>`;
  return `<svg role="img" aria-label="probability said against share that was so, percent" width="${SIDE + 180}" height="${SIDE + 40}">${[...grid, diagonal, ...series].join('')}</svg>`;
}
