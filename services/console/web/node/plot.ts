import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { FindingView } from '../../api/contract/alerts.ts';
import { clockTime, dayOf, scaleInUnit } from '../format.ts';
import { colour } from '../parts/colour.ts';
import type { Range } from './range.ts';

export interface PlotOptions {
  /** Seconds, then a line per field: mean, and min and max where there are three. */
  readonly columns: (number | null)[][];
  readonly unit: string;
  readonly range: Range;
  readonly findings: readonly FindingView[];
  /** A range was drawn with the pointer. */
  readonly select: (range: Range) => void;
  /** Called after every drawing. */
  readonly drawn: () => void;
  /** The pointer is at an instant, or has gone. */
  readonly point: (at: { readonly ms: number; readonly value: number | null } | null) => void;
}

export interface Plot {
  remove(): void;
}

const HEIGHT = 180;
/** A range shorter than this was a click. */
const SHORTEST_MS = 30_000;
const DAY_S = 86_400;

/** Draws a chart into an element, as wide as that is. */
export function plot(place: HTMLElement, options: PlotOptions): Plot {
  const chart = new uPlot(optionsOf(place, options), options.columns as uPlot.AlignedData, place);
  const observer = new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width > 0 && width !== chart.width) chart.setSize({ width, height: HEIGHT });
  });
  observer.observe(place);
  return {
    remove() {
      observer.disconnect();
      chart.destroy();
    },
  };
}

function optionsOf(
  place: HTMLElement,
  { columns, unit, range, findings, select, point, drawn }: PlotOptions,
): uPlot.Options {
  const line = colour('chart');
  const soft = colour('soft');
  const grid = { stroke: colour('line'), width: 1 };
  const font = '12px system-ui, sans-serif';
  const banded = columns.length === 4;
  return {
    width: place.clientWidth || 400,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    cursor: {
      sync: { key: 'node' },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    scales: {
      x: {
        min: range.fromMs / 1000,
        max: range.toMs / 1000,
        range: () => [range.fromMs / 1000, range.toMs / 1000],
      },
      y: { range: (_, min, max) => bounds(unit, min, max) },
    },
    axes: [
      {
        stroke: soft,
        grid,
        font,
        ticks: { show: false },
        size: 24,
        space: 64,
        values: (_, at, __, ___, step) => times(at, step),
      },
      {
        stroke: soft,
        grid,
        font,
        ticks: { show: false },
        size: 56,
        space: 32,
        values: (_, at) => [...scaleInUnit(at, unit)],
      },
    ],
    series: [{}, { stroke: line, width: 1.25, points: { show: false } }, ...(banded ? [edge(), edge()] : [])],
    bands: banded ? [{ series: [3, 2], fill: colour('chart-band') }] : [],
    hooks: {
      drawClear: [(chart) => mark(chart, findings)],
      draw: [drawn],
      setSelect: [
        (chart) => {
          const fromMs = Math.round(chart.posToVal(chart.select.left, 'x') * 1000);
          const toMs = Math.round(chart.posToVal(chart.select.left + chart.select.width, 'x') * 1000);
          if (chart.select.width > 0 && toMs - fromMs >= SHORTEST_MS) select({ fromMs, toMs });
        },
      ],
      setCursor: [
        (chart) => {
          const index = chart.cursor.idx;
          const seconds = index == null ? undefined : columns[0]?.[index];
          point(
            seconds == null || index == null
              ? null
              : { ms: seconds * 1000, value: columns[1]?.[index] ?? null },
          );
        },
      ],
    },
  };
}

const edge = (): uPlot.Series => ({ stroke: 'transparent', width: 0, points: { show: false } });

/** Ratios stand on zero, and up to 1 where they come near; all else on zero, where it is not far away. */
function bounds(unit: string, min: number | null, max: number | null): uPlot.Range.MinMax {
  const low = min ?? 0;
  const high = max ?? 1;
  if (unit === '1') return [0, high > 0.5 ? Math.max(high, 1) : Math.max(high * 1.2, 0.05)];
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 && low < high * 0.6 ? 0 : low - margin, high + margin];
}

function times(at: readonly number[], stepSeconds: number): string[] {
  const nowMs = Date.now();
  return at.map((seconds) => {
    const ms = seconds * 1000;
    const time = clockTime(ms);
    return stepSeconds >= DAY_S || time === '00:00' ? dayOf(ms, nowMs) : time;
  });
}

/** Findings as a ground of flame over their time; where an onset lies, a stronger one. */
function mark(chart: uPlot, findings: readonly FindingView[]): void {
  const { ctx, bbox } = chart;
  const at = (ms: number) =>
    Math.min(Math.max(chart.valToPos(ms / 1000, 'x', true), bbox.left), bbox.left + bbox.width);
  const shade = (fromMs: number, toMs: number, token: string) => {
    const left = at(fromMs);
    const width = at(toMs) - left;
    if (width <= 0) return;
    ctx.fillStyle = colour(token);
    ctx.fillRect(left, bbox.top, Math.max(width, 2), bbox.height);
  };
  ctx.save();
  for (const { openedMs, closedMs, onset } of findings) {
    shade(openedMs, closedMs ?? Number(chart.scales.x?.max ?? 0) * 1000, 'chart-finding');
    if (onset) shade(onset.fromMs, onset.toMs, 'chart-onset');
  }
  ctx.restore();
}
