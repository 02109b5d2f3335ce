import type { AlertView } from '../../api/contract/alerts.ts';
import { count, sentence } from '../format.ts';
import { SeverityTag, Simulated, StateTag } from '../parts/tags.tsx';
import { When } from '../parts/when.tsx';

interface Props {
  readonly alert: AlertView;
  readonly active: boolean;
  readonly take: (element: HTMLElement | null) => void;
  readonly focus: () => void;
  readonly chosen?: boolean;
  readonly choose?: () => void;
}

/** An alert in the queue. */
export function QueueRow({ alert, active, take, focus, chosen, choose }: Props) {
  return (
    <li class={`queue-row${active ? ' active' : ''}${alert.state === 'resolved' ? ' over' : ''}`}>
      {choose && (
        <input
          type="checkbox"
          checked={chosen ?? false}
          onChange={choose}
          aria-label={`Choose: ${alert.summary}`}
        />
      )}
      <SeverityTag severity={alert.severity} />
      <div class="queue-what">
        <a ref={take} href={`/alerts/${encodeURIComponent(alert.id)}`} onFocus={focus}>
          {sentence(alert.summary)}
        </a>
        <span class="small soft">
          {alert.tenant === null ? 'no tenant' : alert.tenant}, {count(alert.nodeCount)}{' '}
          {alert.nodeCount === 1 ? 'node' : 'nodes'} <Simulated when={alert.simulated} />
        </span>
      </div>
      <span class="queue-who small soft">{alert.assignee ?? 'nobody yet'}</span>
      <StateTag state={alert.state} />
      <span class="queue-when small soft">
        <When ms={alert.openedMs} />
      </span>
    </li>
  );
}
