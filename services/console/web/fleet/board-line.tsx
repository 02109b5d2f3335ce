import { useLayoutEffect, useRef } from 'preact/hooks';
import { ago } from '../format.ts';
import type { Dimension } from '../parts/dimension.ts';
import { Swatch } from '../parts/swatch.tsx';
import { SeverityTag, Simulated } from '../parts/tags.tsx';
import { useNow } from '../parts/when.tsx';
import { HEARTBEAT_WORDS } from '../words.ts';
import type { BoardData, BoardNode } from './board-data.ts';
import { behaviourLabel, stripInWords } from './describe.ts';
import { drawStrip } from './strip.ts';

interface Props {
  readonly board: BoardData;
  /** Rises when the board, or the theme, has changed. */
  readonly version: number;
  readonly node: BoardNode;
  readonly row: number;
  /** Distance from the top of the list, CSS pixels. */
  readonly top: number;
  readonly dimension: Dimension;
  /** The cell being read, if it is of this row. */
  readonly activeCell: number | null;
  readonly point: (cell: number) => void;
}

/** A row of the board: who, the strip, and the newest verdict in words. */
export function BoardLine({ board, version, node, row, top, dimension, activeCell, point }: Props) {
  const conformity = board.newest(node.index, 'conformity');
  const grade = board.newest(node.index, 'grade');
  return (
    <div
      id={`row-${row}`}
      role="row"
      aria-rowindex={row + 1}
      aria-selected={activeCell !== null}
      class={`line${activeCell === null ? '' : ' active'}`}
      style={{ top: `${top}px` }}
    >
      <span role="gridcell" class="line-node">
        <a href={`/nodes/${encodeURIComponent(node.node)}`} tabIndex={-1}>
          {node.node}
        </a>
        <span class="line-place" title={node.tenant === null ? node.site : `${node.site} › ${node.tenant}`}>
          {node.site}
          {node.tenant === null ? '' : ` › ${node.tenant}`}
        </span>
        <Simulated when={node.simulated} />
        {node.severity !== null && node.severity !== 'info' && <SeverityTag severity={node.severity} />}
      </span>
      <Strip {...{ board, version, node, dimension, activeCell, point }} />
      <span role="gridcell" class="line-now">
        <Swatch dimension="behaviour" value={board.newest(node.index, 'behaviour') ?? ''} />
        <span class="line-behaviour">{behaviourLabel(board.newest(node.index, 'behaviour'))}</span>
        {conformity && (
          <span class={conformity === 'deviates' ? 'tag flame' : 'line-conformity'}>{conformity}</span>
        )}
      </span>
      <span role="gridcell" class={grade === 'X' ? 'line-grade flame' : 'line-grade'}>
        {grade ?? '–'}
      </span>
      <Heard node={node} />
    </div>
  );
}

function Heard({ node }: { readonly node: BoardNode }) {
  const nowMs = useNow();
  const { heartbeat, lastMs } = node;
  return (
    <span role="gridcell" class="line-heard">
      <span class={`beat ${heartbeat ?? ''}`} aria-hidden="true" />
      {heartbeat !== null && heartbeat !== 'present' && `${HEARTBEAT_WORDS[heartbeat]} `}
      {heartbeat === 'present' && <span class="hidden">{HEARTBEAT_WORDS.present} </span>}
      {lastMs === null ? 'never' : ago(lastMs, nowMs)}
    </span>
  );
}

type StripProps = Pick<Props, 'board' | 'version' | 'node' | 'dimension' | 'activeCell' | 'point'>;

function Strip({ board, version, node, dimension, activeCell, point }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // The version stands for what changed inside the board.
  useLayoutEffect(() => {
    if (canvas.current) drawStrip(canvas.current, board, node.index, dimension);
  }, [board, version, node.index, dimension, innerWidth]);
  const move = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (box)
      point(Math.min(board.cells - 1, Math.floor(((event.clientX - box.left) / box.width) * board.cells)));
  };
  return (
    <span
      role="gridcell"
      class="line-strip"
      aria-label={stripInWords(board, node.index)}
      onPointerMove={move}
    >
      <canvas ref={canvas} />
      {activeCell !== null && (
        <i
          class="line-cursor"
          style={{ left: `${(100 * activeCell) / board.cells}%`, width: `${100 / board.cells}%` }}
        />
      )}
    </span>
  );
}
