import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, range } from '../format.ts';
import { colour, tokenOf } from '../parts/colour.ts';
import { type Dimension, VALUES } from '../parts/dimension.ts';
import { themeChanges } from '../parts/theme.tsx';
import { useNow } from '../parts/when.tsx';
import { useStore } from '../store.ts';
import type { BoardData } from './board-data.ts';
import { behaviourLabel } from './describe.ts';
import { type Band, bandsOf, FLAME, type Group, grouped, linesOf, shareOf } from './picture-data.ts';

interface Props {
  readonly board: BoardData;
  readonly version: number;
  readonly order: readonly number[];
  readonly dimension: Dimension;
  readonly by: 'site' | 'tenant';
  /** Shows one group alone. */
  readonly choose: (value: string) => void;
}

/** Lines, each a CSS pixel: of the whole, per group, and the least for a group. */
const HEIGHT = { least: 88, each: 44, most: 248 };
const LEAST = 22;

/**
 * The whole fleet at a glance: per site, or tenant, how many nodes did what, when. The rows below say which; to a
 * screen reader it is one image.
 */
export function Picture({ board, version, order, dimension, by, choose }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  const [pointed, setPointed] = useState<{ band: Band; cell: number } | null>(null);
  const bands = useMemo(() => {
    const groups = grouped(board, order, by);
    return bandsOf(groups, Math.min(HEIGHT.most, Math.max(HEIGHT.least, groups.length * HEIGHT.each)), LEAST);
  }, [board, order, by]);
  // Version and theme stand for what changed elsewhere.
  useLayoutEffect(() => {
    if (canvas.current) drawPicture(canvas.current, board, bands, dimension);
  }, [board, bands, dimension, version, theme]);
  const height = heightOf(bands);
  const find = (event: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return null;
    const line = ((event.clientY - box.top) * height) / box.height;
    const cell = Math.floor(((event.clientX - box.left) * board.cells) / box.width);
    const band = bands.find((one) => line >= one.top && line < one.top + one.lines);
    return band && cell >= 0 && cell < board.cells ? { band, cell } : null;
  };
  const chooseGroup = ({ value }: Group) => value !== null && choose(value);
  return (
    <figure class="picture">
      <div class="picture-body" style={{ height: `${height}px` }}>
        <ul class="picture-labels">
          {bands.map(({ group, top, lines }) => (
            <li key={group.name} style={{ top: `${top}px`, height: `${lines}px` }}>
              <button
                type="button"
                class="link"
                onClick={() => chooseGroup(group)}
                disabled={group.value === null}
              >
                {group.name} <span class="soft">{count(group.nodes.length)}</span>
              </button>
            </li>
          ))}
        </ul>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Over time, what ${count(order.length)} nodes did, by ${by}`}
          onPointerMove={(event) => setPointed(find(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={(event) => {
            const found = find(event);
            if (found) chooseGroup(found.band.group);
          }}
        />
        <ul class="picture-notes">
          {bands.map((band) => (
            <li key={band.group.name} style={{ top: `${band.top}px`, height: `${band.lines}px` }}>
              <Now board={board} group={band.group} />
            </li>
          ))}
        </ul>
      </div>
      <figcaption class="small soft">
        {pointed ? (
          <Pointed board={board} dimension={dimension} {...pointed} />
        ) : (
          'Height: how many of its nodes did what. Flame on top: those that deviate.'
        )}
      </figcaption>
    </figure>
  );
}

/** How a group stands in the newest cell. */
function Now({ board, group }: { readonly board: BoardData; readonly group: Group }) {
  const { deviating } = shareOf(board, group, board.cells - 1, 'conformity');
  const silent = group.nodes.filter((index) => board.nodes[index]?.heartbeat === 'blind').length;
  if (deviating === 0 && silent === 0) return <>none deviates, all report</>;
  return (
    <>
      {deviating > 0 ? <strong class="asking">{count(deviating)} deviate</strong> : 'none deviates'}
      {silent > 0 && `, ${count(silent)} silent`}
    </>
  );
}

interface PointedProps {
  readonly board: BoardData;
  readonly dimension: Dimension;
  readonly band: Band;
  readonly cell: number;
}

const NAMED = 4;

/** What is under the pointer, in numbers. */
function Pointed({ board, dimension, band, cell }: PointedProps) {
  const nowMs = useNow();
  const { counts, deviating } = shareOf(board, band.group, cell, dimension);
  const [fromMs, toMs] = board.interval(cell);
  const parts = VALUES[dimension]
    .map((value, place) => ({ value, number: counts[place + 1] ?? 0 }))
    .filter(({ number }) => number > 0)
    .sort((a, b) => b.number - a.number)
    .slice(0, NAMED)
    .map(
      ({ value, number }) => `${dimension === 'behaviour' ? behaviourLabel(value) : value} ${count(number)}`,
    );
  return (
    <>
      <strong>{band.group.name}</strong>
      {band.group.simulated && ' (simulated)'}, {range(fromMs, toMs, nowMs)}:{' '}
      {deviating > 0 && <strong class="asking">{count(deviating)} deviate, </strong>}
      {parts.join(', ') || 'no verdict'}
    </>
  );
}

function heightOf(bands: readonly Band[]): number {
  return bands.reduce((sum, band) => sum + band.lines, 0);
}

function drawPicture(
  canvas: HTMLCanvasElement,
  board: BoardData,
  bands: readonly Band[],
  dimension: Dimension,
): void {
  canvas.width = board.cells;
  canvas.height = Math.max(1, heightOf(bands));
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const palette = [0, ...VALUES[dimension].map((value) => packed(colour(tokenOf(dimension, value))))];
  palette[FLAME] = packed(colour('deviates'));
  for (const { group, top, lines } of bands) {
    for (let cell = 0; cell < board.cells; cell++) {
      // The topmost line of a band stays empty: a gap between groups.
      const column = linesOf(shareOf(board, group, cell, dimension), lines - 2);
      column.forEach((place, line) => {
        pixels[(top + lines - 1 - line) * board.cells + cell] = palette[place] ?? 0;
      });
    }
  }
  context.putImageData(image, 0, 0);
}

/** `rgb(r, g, b)` as one little-endian pixel. */
function packed(text: string): number {
  const [r = 0, g = 0, b = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return (255 << 24) | (b << 16) | (g << 8) | r;
}
