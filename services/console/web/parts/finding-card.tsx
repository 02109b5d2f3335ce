import type { FindingView } from '../../api/contract/alerts.ts';
import { sentence } from '../format.ts';
import { Grounds } from './grounds.tsx';
import { SeverityTag } from './tags.tsx';
import { Spell, When } from './when.tsx';

/**
 * A finding with what speaks for it, what against it, and what nobody could see.
 * @param here on the page of its node, where the newest verdict says much the same: it unfolds
 */
export function FindingCard({
  finding,
  here = false,
}: {
  readonly finding: FindingView;
  readonly here?: boolean;
}) {
  const { kind, node, status, onset, openedMs, closedMs, grade } = finding;
  return (
    <article class={`card finding ${status}`}>
      <header class="section-head">
        <h3>
          {sentence(kind)}
          {!here && (
            <>
              {' on '}
              <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a>
            </>
          )}
        </h3>
        <span class="row small soft">
          <SeverityTag severity={finding.severity} />
          <span>trust {grade}</span>
          <span>{status === 'open' ? 'goes on' : 'has ended'}</span>
        </span>
      </header>
      <p class="small soft">
        {onset ? (
          <>
            Began between <Spell {...onset} joint="and" />
          </>
        ) : (
          <>
            Since <When ms={openedMs} by="clock" />
          </>
        )}
        {closedMs !== null && (
          <>
            , ended <When ms={closedMs} by="clock" />
          </>
        )}
      </p>
      {here ? (
        <details>
          <summary class="small soft">Grounds, counter-grounds, and what it cannot see</summary>
          <Grounds {...finding} />
        </details>
      ) : (
        <Grounds {...finding} />
      )}
    </article>
  );
}
