import { useState } from 'preact/hooks';
import type { SilenceView } from '../../api/contract/settings.ts';
import { send } from '../api.ts';
import { Failure, Waiting } from '../parts/states.tsx';
import { useNow, When } from '../parts/when.tsx';
import { useLoad } from '../use-load.ts';
import { SilenceDialog } from './silence-dialog.tsx';

/** Silences and planned windows: nobody is told of what they cover; it is kept and shown. */
export function Silences() {
  const { data, error, reload } = useLoad<readonly SilenceView[]>('/api/silences');
  const [asked, ask] = useState<SilenceView['purpose'] | null>(null);
  return (
    <section class="card stack wide" aria-labelledby="silences">
      <div class="section-head">
        <h2 id="silences">Silences and maintenance windows</h2>
        <span class="row">
          <button type="button" onClick={() => ask('silence')}>
            New silence
          </button>
          <button type="button" onClick={() => ask('maintenance')}>
            New maintenance window
          </button>
        </span>
      </div>
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && <Waiting height={120} label="Loading the silences" />}
      {data?.length === 0 && (
        <p class="soft">
          None. A silence keeps people from being told of alerts that fit it; a maintenance window does the
          same for a planned time. Both end by themselves.
        </p>
      )}
      {data && data.length > 0 && <Table silences={data} reload={reload} />}
      {asked && (
        <SilenceDialog
          purpose={asked}
          done={() => {
            reload();
          }}
          close={() => ask(null)}
        />
      )}
    </section>
  );
}

function Table({
  silences,
  reload,
}: {
  readonly silences: readonly SilenceView[];
  readonly reload: () => void;
}) {
  const nowMs = useNow();
  const end = async (id: string) => {
    await send('DELETE', `/api/silences/${encodeURIComponent(id)}`);
    reload();
  };
  return (
    <section class="scroll" tabIndex={0} aria-label="Table of silences">
      <table class="small">
        <thead>
          <tr>
            <th scope="col">What for</th>
            <th scope="col">Covers</th>
            <th scope="col">From</th>
            <th scope="col">Until</th>
            <th scope="col">Reason</th>
            <th scope="col">By</th>
            <th scope="col">
              <span class="hidden">End it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {silences.map((silence) => (
            <tr key={silence.id} class={isOver(silence, nowMs) ? 'soft' : ''}>
              <td>{silence.purpose}</td>
              <td>{scopeInWords(silence.scope)}</td>
              <td>
                <When ms={silence.fromMs} by="clock" />
              </td>
              <td>
                <When ms={silence.endedMs ?? silence.untilMs} by="clock" />
                {silence.endedBy !== null && ` by ${silence.endedBy}`}
              </td>
              <td class="long">{silence.reason}</td>
              <td>{silence.by}</td>
              <td>
                {isOver(silence, nowMs) ? (
                  'over'
                ) : (
                  <button type="button" onClick={() => void end(silence.id)}>
                    End now
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const isOver = ({ endedMs, untilMs }: SilenceView, nowMs: number): boolean =>
  endedMs !== null || untilMs <= nowMs;

function scopeInWords({ alert, site, tenant, kind, nodes }: SilenceView['scope']): string {
  const parts = [
    alert && 'one alert',
    site && `site ${site}`,
    tenant && `tenant ${tenant}`,
    kind && `findings of the kind ${kind}`,
    nodes && (nodes.length > 3 ? `${nodes.length} nodes` : nodes.join(', ')),
  ];
  return parts.filter(Boolean).join(', ');
}
