import { useEffect, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { type ActKind, SYSTEM } from '#libs/model/alert.ts';
import type { AlertDetail } from '../../api/contract/alerts.ts';
import { count, sentence } from '../format.ts';
import { live } from '../live.ts';
import { FindingCard } from '../parts/finding-card.tsx';
import { Page } from '../parts/page.tsx';
import { NotThere, Waiting } from '../parts/states.tsx';
import { SeverityTag, Simulated, StateTag } from '../parts/tags.tsx';
import { When } from '../parts/when.tsx';
import { may } from '../session.ts';
import { useLoad } from '../use-load.ts';
import { FINDING_WORDS, STATE_WORDS } from '../words.ts';
import { ActDialog } from './act-dialog.tsx';
import { ACTS, actsFor } from './acts.ts';
import { Deliveries } from './deliveries.tsx';
import { deviationInWords } from './deviation.ts';
import { History } from './history.tsx';

const FINDINGS_AT_FIRST = 5;

export function AlertPage() {
  const { id = '' } = useRoute().params;
  const { data, error, reload, take } = useLoad<AlertDetail>(`/api/alerts/${encodeURIComponent(id)}`);
  useEffect(() => live.onAlert((changed) => (changed === null || changed === id) && reload()), [id, reload]);
  return (
    <Page title={data ? sentence(data.alert.summary) : 'Alert'} aside={<a href="/alerts">All alerts</a>}>
      {error && <NotThere what="alert" name={id} error={error} retry={reload} />}
      {!data && !error && <Waiting height={480} label="Loading the alert" />}
      {data && <Detail detail={data} take={take} />}
    </Page>
  );
}

interface DetailProps {
  readonly detail: AlertDetail;
  readonly take: (detail: AlertDetail) => void;
}

function Detail({ detail, take }: DetailProps) {
  return (
    <>
      <Summary detail={detail} take={take} />
      <div class="two">
        <div class="stack">
          <Findings detail={detail} />
        </div>
        <div class="stack">
          <History history={detail.history} />
          {may('viewer') && <Deliveries deliveries={detail.deliveries} />}
          <Nodes nodes={detail.nodes} total={detail.alert.nodeCount} />
        </div>
      </div>
    </>
  );
}

function Summary({ detail, take }: DetailProps) {
  const { alert } = detail;
  const status = useRef<HTMLSpanElement>(null);
  return (
    <section class="card alert-summary" aria-label="Summary">
      <div class="stack tight">
        <div class="row">
          <SeverityTag severity={alert.severity} />
          <StateTag state={alert.state} />
          <Simulated when={alert.simulated} />
          <span ref={status} class="soft" role="status" tabIndex={-1}>
            {STATE_WORDS[alert.state]}
          </span>
        </div>
        <p>{kindInWords(detail)}</p>
        {may('operator') && <ActButtons detail={detail} take={take} acted={() => status.current?.focus()} />}
      </div>
      <dl class="facts small">
        <dt>Kind</dt>
        <dd>{alert.kind}</dd>
        <dt>Site</dt>
        <dd>{alert.site}</dd>
        <dt>Tenant</dt>
        <dd>{alert.tenant ?? 'none'}</dd>
        <dt>Looked after by</dt>
        <dd>{alert.assignee ?? 'nobody yet'}</dd>
        <dt>Began</dt>
        <dd>
          <When ms={alert.openedMs} by="clock" /> (<When ms={alert.openedMs} />)
        </dd>
        <End detail={detail} />
      </dl>
    </section>
  );
}

/** When it ended, or a person closed it: what they have closed may go on. */
function End({ detail: { alert, history, findings } }: Pick<DetailProps, 'detail'>) {
  if (alert.resolvedMs === null)
    return (
      <>
        <dt>Last changed</dt>
        <dd>
          <When ms={alert.updatedMs} by="clock" />
        </dd>
      </>
    );
  const closing = history.findLast(({ act }) => act.kind === 'resolve');
  const byHand = closing !== undefined && closing.by !== SYSTEM;
  const goesOn = findings.some(({ status }) => status === 'open');
  return (
    <>
      <dt>{byHand ? 'Closed' : 'Ended'}</dt>
      <dd>
        {byHand && `by ${closing.by}, `}
        <When ms={byHand ? closing.atMs : alert.resolvedMs} by="clock" />
        {goesOn && '; its findings go on'}
      </dd>
    </>
  );
}

function kindInWords({ alert, findings }: AlertDetail): string {
  if (alert.kind !== 'deviation') return FINDING_WORDS[alert.kind];
  const reasons = findings.flatMap((finding) => finding.reasons);
  return deviationInWords(reasons, alert.nodeCount === 1 ? 'its' : 'their');
}

interface ActButtonsProps extends DetailProps {
  /** Called when an act is done and its dialog closed: its button may be gone, and with it the focus. */
  readonly acted: () => void;
}

function ActButtons({ detail, take, acted }: ActButtonsProps) {
  const [asked, ask] = useState<ActKind | null>(null);
  const done = useRef(false);
  useEffect(() => {
    if (asked !== null || !done.current) return;
    done.current = false;
    acted();
  }, [asked]);
  const kinds = actsFor(detail.alert);
  return (
    <div class="row acts" role="group" aria-label="What may be done now">
      {kinds.map((kind, index) => (
        <button
          type="button"
          key={kind}
          class={index === 0 && detail.alert.state !== 'acknowledged' ? 'primary' : ''}
          onClick={() => ask(kind)}
        >
          {ACTS[kind].label}
        </button>
      ))}
      {asked && (
        <ActDialog
          alert={detail.alert.id}
          kind={asked}
          done={(changed) => {
            done.current = true;
            take(changed);
          }}
          close={() => ask(null)}
        />
      )}
    </div>
  );
}

function Findings({ detail }: { readonly detail: AlertDetail }) {
  const [all, setAll] = useState(false);
  const { findings, findingCount } = detail;
  const shown = all ? findings : findings.slice(0, FINDINGS_AT_FIRST);
  return (
    <section class="stack" aria-labelledby="findings">
      <div class="section-head">
        <h2 id="findings">
          {count(findingCount)} {findingCount === 1 ? 'finding' : 'findings'}
        </h2>
        <span class="small soft">Grounds for a look, not a verdict. A named person decides.</span>
      </div>
      {shown.map((finding) => (
        <FindingCard key={finding.id} finding={finding} />
      ))}
      {shown.length < findings.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show {count(findings.length - shown.length)} more
        </button>
      )}
      {findings.length < findingCount && (
        <p class="small soft">The first {count(findings.length)} are listed here.</p>
      )}
    </section>
  );
}

function Nodes({ nodes, total }: { readonly nodes: readonly string[]; readonly total: number }) {
  return (
    <section class="card stack tight" aria-labelledby="nodes">
      <h2 id="nodes">
        {count(total)} {total === 1 ? 'node' : 'nodes'}
      </h2>
      <ul class="row node-names">
        {nodes.map((node) => (
          <li key={node}>
            <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a>
          </li>
        ))}
      </ul>
      {nodes.length < total && <p class="small soft">The first {count(nodes.length)} are listed here.</p>}
    </section>
  );
}
