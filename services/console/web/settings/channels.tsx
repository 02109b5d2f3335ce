import type { ChannelView } from '../../api/contract/settings.ts';
import { count } from '../format.ts';
import { Failure, Waiting } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { useLoad } from '../use-load.ts';

/** Where people are told, as the alerter has last reported it. */
export function Channels() {
  const { data, error, reload } = useLoad<readonly ChannelView[]>('/api/channels');
  return (
    <section class="card stack tight" aria-labelledby="channels">
      <h2 id="channels">Channels</h2>
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && <Waiting height={96} label="Loading the channels" />}
      {data?.length === 0 && (
        <p class="soft">
          None is set up: alerts are shown here, and nobody is told. Mail, a webhook and Alertmanager are set
          up by the alerter's settings, <code>DAVYLAMP_WEBHOOK_URL</code> and others;{' '}
          <code>services/README.md</code> lists them.
        </p>
      )}
      <ul class="stack tight">
        {data?.map((channel) => (
          <li key={channel.name}>
            <strong>{channel.name}</strong> to {channel.target}
            <p class="small soft">
              reported <When ms={channel.reportedMs} />, {count(channel.waiting)} waiting
              {channel.failing > 0 && <span class="bad">, {count(channel.failing)} failing</span>}
            </p>
            {channel.lastError && <p class="small bad">{channel.lastError}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
