import type { QualityView } from '../../api/contract/quality.ts';
import { count } from '../format.ts';

type LossRow = QualityView['rows'][number];

const COLUMNS = [
  ['sent', 'Sent'],
  ['stored', 'Stored'],
  ['dead', 'Dead-lettered'],
  ['dropped', 'Dropped by the agent'],
  ['inFlight', 'In flight'],
] as const;

/** Rows of the loss ledger; losses stand out. */
export function LossTable({
  rows,
  named = false,
}: {
  readonly rows: readonly LossRow[];
  readonly named?: boolean;
}) {
  return (
    <section class="scroll" tabIndex={0} aria-label="Loss ledger">
      <table>
        <thead>
          <tr>
            {named && <th scope="col">Node</th>}
            <th scope="col">Start of the agent</th>
            {COLUMNS.map(([key, title]) => (
              <th key={key} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.node} ${row.boot}`}>
              {named && (
                <th scope="row">
                  <a href={`/nodes/${encodeURIComponent(row.node)}`}>{row.node}</a>
                </th>
              )}
              <td>
                <code>{row.boot.slice(0, 8)}</code>
              </td>
              {COLUMNS.map(([key]) => (
                <td
                  key={key}
                  class={(key === 'dead' || key === 'dropped') && row[key] > 0 ? 'number bad' : 'number'}
                >
                  {count(row[key])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
