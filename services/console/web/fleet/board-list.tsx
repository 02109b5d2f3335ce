import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Dimension } from '../parts/dimension.ts';
import { themeChanges } from '../parts/theme.tsx';
import { useNow } from '../parts/when.tsx';
import { useStore } from '../store.ts';
import type { BoardData } from './board-data.ts';
import { BoardLine } from './board-line.tsx';
import { cellInWords } from './describe.ts';
import { TimeAxis } from './time-axis.tsx';

interface Props {
  readonly board: BoardData;
  readonly version: number;
  /** Indexes of the nodes shown, first on top. */
  readonly order: readonly number[];
  readonly dimension: Dimension;
}

const NARROW = matchMedia('(max-width: 44rem)');
/** Heights of a row in CSS pixels; the style sheet has the same. */
const ROW = 34;
const NARROW_ROW = 58;
const SPARE_ROWS = 8;

/**
 * The nodes one by one, of which only those in sight are in the document. A grid: up and down change the node, left
 * and right the time; Enter opens the node.
 */
export function BoardList({ board, version, order, dimension }: Props) {
  const { route } = useLocation();
  const nowMs = useNow();
  const theme = useStore(themeChanges);
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<{ row: number; cell: number }>({ row: -1, cell: board.cells - 1 });
  const rowHeight = NARROW.matches ? NARROW_ROW : ROW;
  const { first, last } = useWindow(frame, rowHeight, order.length);
  const at = (row: number) => board.nodes[order[row] ?? -1];
  const node = at(active.row);
  const go = (row: number, cell: number) => {
    const next = { row: clamp(row, 0, order.length - 1), cell: clamp(cell, 0, board.cells - 1) };
    setActive(next);
    reveal(frame.current, next.row, rowHeight);
  };
  const press = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 1);
    const { row, cell } = active;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(row + 1, cell),
      ArrowUp: () => go(row - 1, cell),
      PageDown: () => go(row + page, cell),
      PageUp: () => go(row - page, cell),
      Home: () => go(0, cell),
      End: () => go(order.length - 1, cell),
      ArrowLeft: () => go(Math.max(0, row), cell - 1),
      ArrowRight: () => go(Math.max(0, row), cell + 1),
      Enter: () => node && route(`/nodes/${encodeURIComponent(node.node)}`),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return (
    <div class="list">
      <div class="list-head" aria-hidden="true">
        <span>Node</span>
        <TimeAxis fromMs={board.toMs - board.cells * board.cellMs} toMs={board.toMs} />
        <span>Now</span>
        <span>Trust</span>
        <span>Heard of</span>
      </div>
      <div
        ref={frame}
        class="list-rows"
        role="grid"
        aria-label="Nodes, those that ask for a look first"
        aria-rowcount={order.length}
        aria-activedescendant={
          node && active.row >= first && active.row < last ? `row-${active.row}` : undefined
        }
        tabIndex={0}
        onKeyDown={press}
        onFocus={() => active.row < 0 && order.length > 0 && setActive({ ...active, row: 0 })}
      >
        <div role="rowgroup" class="list-all" style={{ height: `${order.length * rowHeight}px` }}>
          {rows.map((row) => {
            const shown = at(row);
            return (
              shown && (
                <BoardLine
                  key={shown.node}
                  board={board}
                  version={version + theme}
                  node={shown}
                  row={row}
                  top={row * rowHeight}
                  dimension={dimension}
                  activeCell={active.row === row ? active.cell : null}
                  point={(cell) => setActive({ row, cell })}
                />
              )
            );
          })}
        </div>
      </div>
      <p class="readout" aria-live="polite">
        {node ? (
          <>
            <strong>{node.node}</strong> {cellInWords(board, node.index, active.cell, nowMs)}
          </>
        ) : (
          <span class="soft">Point at a strip, or use the arrow keys, to read it. Enter opens the node.</span>
        )}
      </p>
    </div>
  );
}

/** Which rows are in sight, with some to spare. */
function useWindow(frame: { current: HTMLElement | null }, rowHeight: number, length: number) {
  const [sight, setSight] = useState({ top: 0, height: 900 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [frame]);
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - SPARE_ROWS);
  const last = Math.min(length, Math.ceil((sight.top + sight.height) / rowHeight) + SPARE_ROWS);
  return { first, last };
}

function reveal(element: HTMLElement | null, row: number, rowHeight: number): void {
  if (!element) return;
  const top = row * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight)
    element.scrollTop = top + rowHeight - element.clientHeight;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
