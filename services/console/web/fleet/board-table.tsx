import { count } from '../format.ts';
import { Simulated } from '../parts/tags.tsx';
import { When } from '../parts/when.tsx';
import { HEARTBEAT_WORDS } from '../words.ts';
import type { BoardData, BoardNode } from './board-data.ts';
import { behaviourLabel, stripInWords } from './describe.ts';

const PAGE = 50;

interface Props {
  readonly board: BoardData;
  readonly order: readonly number[];
  /** The page asked for, from 0; the last where there are fewer. */
  readonly wanted: number;
  readonly setPage: (page: number) => void;
}

/** The board in words, page by page: for screen readers, and for whoever wants to copy it. */
export function BoardTable({ board, order, wanted, setPage }: Props) {
  const pages = Math.max(1, Math.ceil(order.length / PAGE));
  const page = Math.min(wanted, pages - 1);
  const nodes = order
    .slice(page * PAGE, (page + 1) * PAGE)
    .map((index) => board.nodes[index])
    .filter((node) => node !== undefined);
  return (
    <div class="stack">
      <section class="scroll" aria-label="Nodes" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {[
                'Node',
                'Site',
                'Tenant',
                'Findings',
                'Now',
                'Conformity',
                'Trust',
                'Heartbeat',
                'Over the time shown',
              ].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <Line key={node.node} board={board} node={node} />
            ))}
          </tbody>
        </table>
      </section>
      <nav class="row" aria-label="Pages of the table">
        <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
          Back
        </button>
        <span>
          Page {count(page + 1)} of {count(pages)}
        </span>
        <button type="button" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
          Further
        </button>
      </nav>
    </div>
  );
}

function Line({ board, node }: { readonly board: BoardData; readonly node: BoardNode }) {
  const conformity = board.newest(node.index, 'conformity');
  return (
    <tr>
      <th scope="row">
        <a href={`/nodes/${encodeURIComponent(node.node)}`}>{node.node}</a>
      </th>
      <td>
        {node.site} <Simulated when={node.simulated} />
      </td>
      <td>{node.tenant ?? '–'}</td>
      <td>{node.severity ?? 'none'}</td>
      <td class="nowrap">{behaviourLabel(board.newest(node.index, 'behaviour'))}</td>
      <td>{conformity === 'deviates' ? <span class="tag flame">deviates</span> : (conformity ?? '–')}</td>
      <td>{board.newest(node.index, 'grade') ?? '–'}</td>
      <td class="nowrap">
        {node.heartbeat === null ? '–' : HEARTBEAT_WORDS[node.heartbeat]}
        {node.lastMs !== null && (
          <>
            {', '}
            <When ms={node.lastMs} />
          </>
        )}
      </td>
      <td class="in-words small">{stripInWords(board, node.index)}</td>
    </tr>
  );
}
