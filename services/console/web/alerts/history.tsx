import type { AlertDetail } from '../../api/contract/alerts.ts';
import { When } from '../parts/when.tsx';
import { actInWords, actText } from './acts.ts';

type Entry = AlertDetail['history'][number];

/** What was done, newest first. Nothing in it is ever changed. */
export function History({ history }: { readonly history: readonly Entry[] }) {
  return (
    <section class="card stack tight" aria-labelledby="history">
      <h2 id="history">History</h2>
      {history.length === 0 && <p class="small soft">Nobody has done anything yet.</p>}
      <ol class="timeline">
        {history.toReversed().map((entry) => (
          <li key={entry.number}>
            <p>
              <strong>{entry.by === 'davylamp' ? 'davylamp itself' : entry.by}</strong>{' '}
              {actInWords(entry.act)}
              {entry.act.kind === 'silence' && (
                <>
                  {' until '}
                  <When ms={entry.act.untilMs} by="clock" />
                </>
              )}
            </p>
            {actText(entry.act) && <blockquote>{actText(entry.act)}</blockquote>}
            <p class="small soft">
              <When ms={entry.atMs} by="clock" />, then {entry.state}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
