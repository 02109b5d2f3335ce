import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ALLOWED_IN } from '#libs/casework/acts.ts';
import type { AlertView } from '../../api/contract/alerts.ts';
import { ApiError } from '../api.ts';
import { count } from '../format.ts';
import { Page } from '../parts/page.tsx';
import { Failure, Waiting } from '../parts/states.tsx';
import { may } from '../session.ts';
import { sendAct } from './act-dialog.tsx';
import { NoAlerts } from './no-alerts.tsx';
import { isUsual, type QueueFilter, queryOf, readFilter } from './queue-filter.ts';
import { QueueFilters } from './queue-filters.tsx';
import { QueueRow } from './queue-row.tsx';
import { useQueue } from './use-queue.ts';
import { useQueueKeys } from './use-queue-keys.ts';

export function QueuePage() {
  const { url, route } = useLocation();
  const filter = readFilter(new URL(url, location.origin).search);
  const query = queryOf(filter).toString();
  const queue = useQueue(query);
  // What was done stays in sight when the list it was done in is empty.
  const [said, say] = useState('');
  const status = useRef<HTMLSpanElement>(null);
  // The button and the rows of what was done are gone, and with them the focus.
  const tell = (words: string) => {
    say(words);
    status.current?.focus();
  };
  const change = (changes: Partial<QueueFilter>) => {
    const next = { ...filter, ...changes };
    route(isUsual(next) ? '/alerts' : `/alerts?${queryOf(next)}`, true);
  };
  return (
    <Page
      title="Alerts"
      aside={
        <span ref={status} class="small soft" role="status" tabIndex={-1}>
          {said}
        </span>
      }
    >
      <QueueFilters filter={filter} change={change} />
      {queue.error && <Failure error={queue.error} retry={queue.reload} />}
      {queue.rows === null && !queue.error && <Waiting height={420} label="Loading the alerts" />}
      {queue.rows?.length === 0 && <NoAlerts usual={isUsual(filter)} />}
      {queue.rows && queue.rows.length > 0 && (
        <List key={query} rows={queue.rows} reload={queue.reload} more={queue.more} say={tell} />
      )}
    </Page>
  );
}

interface ListProps {
  readonly rows: readonly AlertView[];
  readonly reload: () => void;
  readonly more: (() => void) | null;
  readonly say: (words: string) => void;
}

function List({ rows, reload, more, say }: ListProps) {
  const { route } = useLocation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Keys come faster than renderings: what was chosen last is asked for, not remembered.
  const flip = (id: string) =>
    setChosen((former) => {
      const next = new Set(former);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const acknowledge = async (ids: readonly string[]) => {
    say(await acknowledgeAll(ids));
    setChosen(new Set());
    reload();
  };
  const operator = may('operator');
  const keys = useQueueKeys(rows, {
    open: (row) => route(`/alerts/${encodeURIComponent(row.id)}`),
    ...(operator ? { choose: (row: AlertView) => flip(row.id) } : {}),
  });
  const ready = rows.filter((row) => chosen.has(row.id) && ALLOWED_IN.acknowledge.includes(row.state));
  return (
    <section class="queue" aria-label="Alerts">
      <div class="row spread queue-head">
        <p class="small soft">
          <kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open{operator && ', '}
          {operator && <kbd>x</kbd>}
          {operator && ' to choose'}
        </p>
        {operator && (
          <button
            type="button"
            disabled={ready.length === 0}
            onClick={() => void acknowledge(ready.map((row) => row.id))}
          >
            Acknowledge {ready.length > 0 ? count(ready.length) : 'chosen'}
          </button>
        )}
      </div>
      <ol>
        {rows.map((row, index) => (
          <QueueRow
            key={row.id}
            alert={row}
            active={index === keys.active}
            take={keys.take(index)}
            focus={() => keys.setActive(index)}
            {...(operator ? { chosen: chosen.has(row.id), choose: () => flip(row.id) } : {})}
          />
        ))}
      </ol>
      {more && (
        <button type="button" onClick={more}>
          More alerts
        </button>
      )}
    </section>
  );
}

/** One after the other; what could not be done is counted and said. */
async function acknowledgeAll(ids: readonly string[]): Promise<string> {
  let done = 0;
  let problem = '';
  for (const id of ids) {
    try {
      await sendAct(id, { kind: 'acknowledge' });
      done++;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem = ` ${error.message}`;
    }
  }
  return `${count(done)} of ${count(ids.length)} acknowledged.${problem}`;
}
