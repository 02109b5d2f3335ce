import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { count } from '../format.ts';
import { Page } from '../parts/page.tsx';
import { Segments } from '../parts/segments.tsx';
import { Failure, Waiting } from '../parts/states.tsx';
import { ATTENTION, attention, byAttention } from './attention.ts';
import type { BoardData } from './board-data.ts';
import { BoardList } from './board-list.tsx';
import { BoardTable } from './board-table.tsx';
import { EVERYTHING, type Filter, isEverything, select, writeFilter } from './filter.ts';
import { FilterPanel } from './filter-panel.tsx';
import { NoNodes } from './no-nodes.tsx';
import { type BoardOptions, readOptions, SPAN_WORDS, writeOptions } from './options.ts';
import { Picture } from './picture.tsx';
import { type LoadedBoard, useBoard } from './use-board.ts';

/** Below this many nodes the rows themselves are the overview. */
const PICTURE_FROM = 60;

export function FleetPage() {
  const { url, route } = useLocation();
  const options = readOptions(new URL(url, location.origin).search);
  const board = useBoard(options.span);
  const change = (changes: Partial<BoardOptions>) => route(writeOptions({ ...options, ...changes }), true);
  return (
    <Page
      title="Fleet"
      className="fleet"
      aside={board.data && board.data.nodes.length > 0 && <Toolbar options={options} change={change} />}
    >
      {board.error && <Failure error={board.error} retry={board.reload} />}
      {!board.data && !board.error && <Waiting height={560} label="Loading the board" />}
      {board.data && board.data.nodes.length === 0 && <NoNodes />}
      {board.data && board.data.nodes.length > 0 && (
        <BoardView board={board} data={board.data} options={options} change={change} />
      )}
    </Page>
  );
}

interface ToolbarProps {
  readonly options: BoardOptions;
  readonly change: (changes: Partial<BoardOptions>) => void;
}

function Toolbar({ options, change }: ToolbarProps) {
  return (
    <div class="row">
      <Segments
        label="Time shown"
        chosen={options.span}
        choices={[
          ['hour', SPAN_WORDS.hour],
          ['day', SPAN_WORDS.day],
          ['week', SPAN_WORDS.week],
        ]}
        choose={(span) => change({ span })}
      />
      <Segments
        label="Shown as"
        chosen={options.view}
        choices={[
          ['board', 'Board'],
          ['table', 'Table'],
        ]}
        choose={(view) => change({ view })}
      />
      <Segments
        label="Colour by"
        chosen={options.colourBy}
        choices={[
          ['behaviour', 'Behaviour'],
          ['conformity', 'Conformity'],
          ['grade', 'Trust'],
        ]}
        choose={(colourBy) => change({ colourBy })}
      />
    </div>
  );
}

interface ViewProps extends ToolbarProps {
  readonly board: LoadedBoard;
  readonly data: BoardData;
}

function BoardView({ board, data, options, change }: ViewProps) {
  // The same filter at another page, or in other colours, keeps the order.
  const filter = useMemo(() => options.filter, [filterKey(options.filter)]);
  const setFilter = (next: Filter) => change({ filter: next, page: 0 });
  const [sortedAt, setSortedAt] = useState(0);
  // The version stands for what changed inside the board.
  const selection = useMemo(() => select(data, filter), [data, filter, board.version]);
  // The order stays under the reader's eyes while verdicts come in; it is made anew when asked for.
  // Sorted again on request.
  const order = useMemo(() => byAttention(data, select(data, filter).nodes), [data, filter, sortedAt]);
  const asking = selection.nodes.filter((node) => attention(data, node) >= ATTENTION).length;
  const marked = order.findIndex((index) => attention(data, data.nodes[index] ?? never()) < ATTENTION);
  const moved = (marked === -1 ? order.length : marked) !== asking;
  useEffect(() => {
    performance.mark('board-drawn');
  }, []);
  return (
    <div class="board">
      <FilterPanel board={data} filter={filter} selection={selection} change={setFilter} />
      <div class="board-main">
        <p class="board-sum row" aria-live="polite">
          <span>
            <strong>{count(selection.nodes.length)}</strong>
            {isEverything(filter) ? ' nodes' : ` of ${count(data.nodes.length)} nodes`}
            {', '}
            {asking > 0 ? (
              <strong class="asking">{count(asking)} ask for a look</strong>
            ) : (
              'none asks for a look'
            )}
          </span>
          {!isEverything(filter) && (
            <button type="button" class="link" onClick={() => setFilter(EVERYTHING)}>
              Show all
            </button>
          )}
          {moved && (
            <button type="button" class="link" onClick={() => setSortedAt(board.version)}>
              The order has changed: sort again
            </button>
          )}
        </p>
        {options.view === 'table' ? (
          <BoardTable board={data} order={order} wanted={options.page} setPage={(page) => change({ page })} />
        ) : (
          <>
            {order.length >= PICTURE_FROM && (
              <Picture
                board={data}
                version={board.version}
                order={order}
                dimension={options.colourBy}
                by={filter.site === null ? 'site' : 'tenant'}
                choose={(value) =>
                  setFilter(filter.site === null ? { ...filter, site: value } : { ...filter, tenant: value })
                }
              />
            )}
            <BoardList board={data} version={board.version} order={order} dimension={options.colourBy} />
          </>
        )}
      </div>
    </div>
  );
}

function filterKey(filter: Filter): string {
  const query = new URLSearchParams();
  writeFilter(filter, query);
  return query.toString();
}

function never(): never {
  throw new RangeError('the order names a node that is not on the board');
}
