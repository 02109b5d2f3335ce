import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { colour, type Dimension, tokenOf, VALUES } from '../parts/colour.ts';
import { themeChanges } from '../parts/theme.tsx';
import { useStore } from '../store.ts';
import type { BoardData } from './board-data.ts';
import { type Band, bandsOf, grouped, nodesOfLine, placeOf } from './picture-data.ts';

interface Props {
  readonly board: BoardData;
  readonly version: number;
  readonly order: readonly number[];
  readonly dimension: Dimension;
  /** Shows one group alone. */
  readonly choose: (site: string, tenant: string | null) => void;
}

/** Lines of the picture: one CSS pixel each. */
const HEIGHT = 240;
const LEAST = 3;
/** A label needs this much. */
const LABEL = 18;
const DEVIATES = VALUES.conformity.indexOf('deviates') + 1;

/**
 * The whole fleet at a glance: a band per site and tenant, a line per one or several nodes, those that ask for a
 * look on top of their band. The rows below say the same; to a screen reader it is one image.
 */
export function Picture({ board, version, order, dimension, choose }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  const [pointed, setPointed] = useState<Band | null>(null);
  const bands = useMemo(() => bandsOf(grouped(board, order), HEIGHT, LEAST), [board, order]);
  // Version and theme stand for what changed elsewhere.
  useLayoutEffect(() => {
    if (canvas.current) drawPicture(canvas.current, board, bands, dimension);
  }, [board, bands, dimension, version, theme]);
  const height = bands.reduce((sum, band) => sum + band.lines, 0);
  const bandAt = (event: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    const line = box ? ((event.clientY - box.top) * height) / box.height : -1;
    return bands.find((band) => line >= band.top && line < band.top + band.lines) ?? null;
  };
  const perLine = Math.ceil(order.length / Math.max(1, height));
  return (
    <figure class="picture">
      <div class="picture-body" style={{ height: `${height}px` }}>
        <ul class="picture-labels">
          {bands
            .filter((band) => band.lines >= LABEL)
            .map((band) => (
              <li key={nameOf(band)} style={{ top: `${band.top}px`, height: `${band.lines}px` }}>
                <button type="button" class="link" onClick={() => choose(band.group.site, band.group.tenant)}>
                  {nameOf(band)}
                </button>
              </li>
            ))}
        </ul>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${count(order.length)} nodes in ${count(bands.length)} groups by site and tenant`}
          onPointerMove={(event) => setPointed(bandAt(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={(event) => {
            const band = bandAt(event);
            if (band) choose(band.group.site, band.group.tenant);
          }}
        />
      </div>
      <figcaption class="small soft">
        {pointed ? (
          <>
            <strong>{nameOf(pointed)}</strong>: {count(pointed.group.nodes.length)} nodes
            {pointed.group.simulated ? ', simulated' : ''}. A click shows them alone.
          </>
        ) : (
          caption(perLine, dimension)
        )}
      </figcaption>
    </figure>
  );
}

function caption(perLine: number, dimension: Dimension): string {
  if (perLine <= 1) return 'A line is a node; those that ask for a look are on top of their group.';
  const shown =
    dimension === 'behaviour' ? 'the most frequent behaviour; flame where any deviates' : 'the gravest value';
  return `A line is about ${count(perLine)} nodes and shows ${shown}. Those that ask for a look are on top of their group.`;
}

function nameOf({ group }: Band): string {
  return group.tenant === null ? group.site : `${group.site} › ${group.tenant}`;
}

function drawPicture(
  canvas: HTMLCanvasElement,
  board: BoardData,
  bands: readonly Band[],
  dimension: Dimension,
): void {
  const height = bands.reduce((sum, band) => sum + band.lines, 0);
  canvas.width = board.cells;
  canvas.height = Math.max(1, height);
  const context = canvas.getContext('2d');
  if (!context || height === 0) return;
  const image = context.createImageData(board.cells, height);
  const pixels = new Uint32Array(image.data.buffer);
  const palette = [0, ...VALUES[dimension].map((value) => packed(colour(tokenOf(dimension, value))))];
  const flame = packed(colour('deviates'));
  const pixel = (nodes: readonly number[], cell: number): number => {
    if (dimension === 'behaviour' && placeOf(board, nodes, cell, 'conformity') === DEVIATES) return flame;
    return palette[placeOf(board, nodes, cell, dimension)] ?? 0;
  };
  for (const band of bands) {
    // The last line of a band stays empty: a gap between groups.
    const lines = band.lines > LEAST ? band.lines - 1 : band.lines;
    for (let line = 0; line < lines; line++) {
      const nodes = nodesOfLine({ ...band, lines }, line);
      const start = (band.top + line) * board.cells;
      for (let cell = 0; cell < board.cells; cell++) pixels[start + cell] = pixel(nodes, cell);
    }
  }
  context.putImageData(image, 0, 0);
}

/** `rgb(r, g, b)` as one little-endian pixel. */
function packed(text: string): number {
  const [r = 0, g = 0, b = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return (255 << 24) | (b << 16) | (g << 8) | r;
}
