import { useEffect } from 'preact/hooks';
import type { DeliveryView } from '../../api/contract/alerts.ts';
import type { QualityView } from '../../api/contract/quality.ts';
import { count, share } from '../format.ts';
import { LossTable } from '../parts/loss-table.tsx';
import { Page } from '../parts/page.tsx';
import { Failure, Waiting } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { useLoad } from '../use-load.ts';
import { EVENT_WORDS, HEARTBEAT_WORDS } from '../words.ts';

const REFRESH_MS = 10_000;

export function QualityPage() {
  const { data, error, reload } = useLoad<QualityView>('/api/quality');
  useEffect(() => {
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Page title="Data quality">
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && <Waiting height={480} label="Loading the loss ledger" />}
      {data && (
        <>
          <Ledger totals={data.totals} chains={data.chains} />
          <Rows quality={data} />
          <div class="settings">
            <Silent silent={data.silent} />
            <Failing failing={data.failing} channels={data.channels} />
            <Dead dead={data.dead} total={data.totals.dead} />
          </div>
        </>
      )}
    </Page>
  );
}

const TERMS = [
  ['stored', 'stored', 'stored'],
  ['dead', 'dead-lettered', 'dead'],
  ['dropped', 'dropped by agents', 'dropped'],
  ['inFlight', 'in flight', 'in-flight'],
] as const;

/** The equation of the loss ledger: every frame that was sent is somewhere. */
function Ledger({ totals, chains }: Pick<QualityView, 'totals' | 'chains'>) {
  const sum = totals.stored + totals.dead + totals.dropped + totals.inFlight;
  return (
    <section class="card stack" aria-labelledby="ledger">
      <div class="section-head">
        <h2 id="ledger">What became of every frame</h2>
        <span class="small soft">over {count(chains)} starts of agents</span>
      </div>
      <dl class="equation">
        <div>
          <dt>sent</dt>
          <dd>{count(totals.sent)}</dd>
        </div>
        {TERMS.map(([key, title], index) => (
          <div key={key} class="term">
            <dt>{title}</dt>
            <dd class={(key === 'dead' || key === 'dropped') && totals[key] > 0 ? 'bad' : ''}>
              <span class="sign">{index === 0 ? '= ' : '+ '}</span>
              {count(totals[key])}
            </dd>
          </div>
        ))}
      </dl>
      <div class="balance" aria-hidden="true">
        {TERMS.map(
          ([key, , look]) =>
            totals[key] > 0 && (
              <i key={key} class={look} style={{ flex: `${totals[key] / Math.max(1, totals.sent)} 1 0` }} />
            ),
        )}
      </div>
      <p class="small soft">
        {totals.sent === 0
          ? 'No frame has been heard of yet. They come with the first node.'
          : sum === totals.sent
            ? `It balances. ${share(totals.stored / totals.sent)} is stored; what is in flight is on its way, or was lost before anybody could say so.`
            : `It does not balance: the terms add up to ${count(sum)}. That is a fault of the ledger, not of a node.`}
      </p>
    </section>
  );
}

function Rows({ quality }: { readonly quality: QualityView }) {
  const { rows, chains } = quality;
  const losing = rows.filter((row) => row.dead > 0 || row.dropped > 0).length;
  return (
    <section class="stack tight" aria-labelledby="rows">
      <div class="section-head">
        <h2 id="rows">By agent</h2>
        <span class="small soft">
          {losing === 0 ? 'none has lost a frame' : `${count(losing)} with losses, first`}
          {rows.length < chains ? `; ${count(rows.length)} of ${count(chains)} are listed` : ''}
        </span>
      </div>
      {rows.length === 0 ? (
        <p class="soft">Nothing has been heard of an agent yet.</p>
      ) : (
        <div class="tall">
          <LossTable rows={rows} named />
        </div>
      )}
    </section>
  );
}

function Silent({ silent }: Pick<QualityView, 'silent'>) {
  return (
    <section class="card stack tight" aria-labelledby="silent">
      <h2 id="silent">Silent nodes</h2>
      {silent.length === 0 && <p class="soft">Every node that was heard of reports.</p>}
      {silent.length > 0 && (
        <>
          <p class="small soft">
            Silence says nothing of its cause: an agent that was stopped, a network that is down, a machine
            that is off.
          </p>
          <ul class="stack tight tall" tabIndex={0}>
            {silent.map(({ node, site, heartbeat, lastMs }) => (
              <li key={node} class="row spread">
                <span>
                  <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a>{' '}
                  <span class="small soft">{site}</span>
                </span>
                <span class="small soft">
                  {HEARTBEAT_WORDS[heartbeat]}, {lastMs === null ? 'never heard of' : <When ms={lastMs} />}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

interface FailingProps {
  readonly failing: readonly DeliveryView[];
  /** How many are set up. */
  readonly channels: number;
}

function Failing({ failing, channels }: FailingProps) {
  return (
    <section class="card stack tight" aria-labelledby="failing">
      <h2 id="failing">Failing deliveries</h2>
      {failing.length === 0 && (
        <p class="soft">
          {channels === 0
            ? 'No channel is set up, so nobody is told of alerts: they are shown here alone.'
            : 'None fails: what there was to tell was told, or waits for its turn.'}
        </p>
      )}
      <ul class="stack tight tall" tabIndex={0}>
        {failing.map(({ notice, channel, event, attempts, lastError, createdMs }) => (
          <li key={`${notice} ${channel}`}>
            <strong>{channel}</strong> is still to be told {EVENT_WORDS[event]},{' '}
            <span class="small soft">
              <When ms={createdMs} />, {count(attempts)} tries
            </span>
            {lastError && <p class="small bad">{lastError}</p>}
          </li>
        ))}
      </ul>
      {failing.length > 0 && (
        <p class="small soft">
          They are tried again by themselves; order is kept, so the oldest holds up the others.
        </p>
      )}
    </section>
  );
}

interface DeadProps {
  readonly dead: QualityView['dead'];
  readonly total: number;
}

function Dead({ dead, total }: DeadProps) {
  return (
    <section class="card stack tight wide" aria-labelledby="dead">
      <h2 id="dead">Dead letters</h2>
      {dead.length === 0 ? (
        <p class="soft">
          {total === 0
            ? 'None. A message that cannot be read is kept here with its bytes, its origin and the reason.'
            : 'None of late.'}
        </p>
      ) : (
        <>
          <p class="small soft">
            Kept with their bytes, origin and reason. Once the cause is mended,{' '}
            <code>npx davylamp redrive</code> publishes them again; <code>--dry-run</code> only lists them.
          </p>
          <section class="scroll tall" tabIndex={0} aria-label="Table of dead letters">
            <table class="small">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Node</th>
                  <th scope="col">From</th>
                  <th scope="col">Put aside by</th>
                  <th scope="col">Reason</th>
                </tr>
              </thead>
              <tbody>
                {dead.map((letter, index) => (
                  <tr key={index}>
                    <td>
                      <When ms={letter.atMs} by="clock" />
                    </td>
                    <td>{letter.node ?? 'unreadable'}</td>
                    <td>{letter.topic}</td>
                    <td>{letter.service}</td>
                    <td class="long">{letter.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
    </section>
  );
}
