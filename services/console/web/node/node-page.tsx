import { useEffect, useMemo } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import type { DossierView } from '../../api/contract/node.ts';
import { live } from '../live.ts';
import { FindingCard } from '../parts/finding-card.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, NotThere, Waiting } from '../parts/states.tsx';
import { Simulated } from '../parts/tags.tsx';
import { When } from '../parts/when.tsx';
import { useLoad } from '../use-load.ts';
import type { MetricInfo } from './chart-data.ts';
import { Charts } from './charts.tsx';
import { Confidential } from './confidential.tsx';
import { DayShares } from './day-shares.tsx';
import { Declarations } from './declarations.tsx';
import { Identity } from './identity.tsx';
import { Loss } from './loss.tsx';
import { Verdict } from './verdict.tsx';
import { VerdictHistory } from './verdict-history.tsx';

/** Verdicts come once a minute and node; the dossier is asked for at most this often. */
const PAUSE_MS = 5_000;

export function NodePage() {
  const { node = '' } = useRoute().params;
  const { data, error, reload } = useLoad<DossierView>(`/api/nodes/${encodeURIComponent(node)}`);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live.onVerdicts((verdicts) => {
      if (!verdicts.some((verdict) => verdict.node === node)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [node, reload]);
  return (
    <Page title={node} aside={data ? <Place dossier={data} /> : null}>
      {error && <NotThere what="node" name={node} error={error} retry={reload} />}
      {!data && !error && <Waiting height={640} label="Loading the node" />}
      {data && <Dossier key={node} dossier={data} reload={reload} />}
    </Page>
  );
}

function Place({ dossier }: { readonly dossier: DossierView }) {
  const { site, tenant, hardware, simulated, decommissionedMs } = dossier;
  return (
    <span class="row soft">
      <span>
        {site}
        {tenant === null ? '' : ` › ${tenant}`}
      </span>
      {hardware && <span>{hardware}</span>}
      <Simulated when={simulated} />
      {decommissionedMs !== null && (
        <span class="tag">
          decommissioned <When ms={decommissionedMs} />
        </span>
      )}
    </span>
  );
}

interface Props {
  readonly dossier: DossierView;
  readonly reload: () => void;
}

function Dossier({ dossier, reload }: Props) {
  const { assessment, history, findings, declarations, loss } = dossier;
  const { data: catalogue } = useLoad<readonly MetricInfo[]>('/api/metrics');
  const [open, closed] = useMemo(
    () => [
      findings.filter(({ status }) => status === 'open'),
      findings.filter(({ status }) => status === 'closed'),
    ],
    [findings],
  );
  return (
    <>
      {assessment ? (
        <Verdict
          assessment={assessment}
          declarations={declarations}
          gpus={dossier.entities.filter(({ name }) => name !== 'host').length}
        />
      ) : (
        <Empty title="No verdict yet">
          <p>
            The first comes when a whole minute of its reports has been read, and its grace of a few ticks is
            over.
          </p>
        </Empty>
      )}
      {open.length > 0 && (
        <section class="stack" aria-labelledby="open-findings">
          <h2 id="open-findings">
            {open.length === 1 ? 'One finding goes on' : `${open.length} findings go on`}
          </h2>
          {open.map((finding) => (
            <FindingCard key={finding.id} finding={finding} here />
          ))}
        </section>
      )}
      <DayShares dossier={dossier} />
      <Confidential entities={dossier.entities} />
      <Charts dossier={dossier} catalogue={catalogue ?? []} />
      {history.length > 0 && <VerdictHistory history={history} />}
      <div class="settings">
        <Declarations
          declarations={declarations}
          inForce={assessment?.declaration ?? null}
          catalogue={catalogue ?? []}
        />
        <Identity dossier={dossier} reload={reload} />
        <Loss rows={loss} />
        {closed.length > 0 && (
          <section class="card stack tight wide" aria-labelledby="closed-findings">
            <details>
              <summary>
                <h2 id="closed-findings" class="inline">
                  {closed.length} {closed.length === 1 ? 'finding that has' : 'findings that have'} ended
                </h2>
              </summary>
              <div class="stack">
                {closed.map((finding) => (
                  <FindingCard key={finding.id} finding={finding} here />
                ))}
              </div>
            </details>
          </section>
        )}
      </div>
    </>
  );
}
