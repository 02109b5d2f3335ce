import { useState } from 'preact/hooks';
import type { DossierView } from '../../api/contract/node.ts';
import { send } from '../api.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { textOf } from '../parts/form-text.ts';
import { When } from '../parts/when.tsx';
import { may } from '../session.ts';

interface Props {
  readonly dossier: DossierView;
  readonly reload: () => void;
}

/** Who the node says it is, and how far that is known. */
export function Identity({ dossier, reload }: Props) {
  const { node, hardware, enrolled, firstSeenMs, decommissionedMs, entities } = dossier;
  const [asked, ask] = useState(false);
  const gpus = entities.filter(({ name }) => name !== 'host').length;
  return (
    <section class="card stack" aria-labelledby="identity">
      <h2 id="identity">Identity</h2>
      <dl class="facts">
        <dt>Key</dt>
        <dd>
          {enrolled
            ? 'enrolled by a person'
            : 'trusted on first use: nobody has enrolled it, so the trust grade stays at D'}
        </dd>
        <dt>First seen</dt>
        <dd>
          <When ms={firstSeenMs} by="clock" />
        </dd>
        <dt>Hardware</dt>
        <dd>{hardware ?? 'nobody has said'}</dd>
        <dt>Measured</dt>
        <dd>{entities.length === 0 ? 'nothing yet' : `host${gpus > 0 ? ` and ${gpus} GPU` : ''}`}</dd>
        {decommissionedMs !== null && (
          <>
            <dt>Decommissioned</dt>
            <dd>
              <When ms={decommissionedMs} by="clock" />
            </dd>
          </>
        )}
      </dl>
      {may('admin') && decommissionedMs === null && (
        <div>
          <button type="button" onClick={() => ask(true)}>
            Decommission…
          </button>
        </div>
      )}
      {asked && (
        <FormDialog
          title={`Decommission ${node}`}
          confirm="Decommission"
          onClose={() => ask(false)}
          onConfirm={async (form) => {
            await send('POST', `/api/nodes/${encodeURIComponent(node)}/decommission`, {
              reason: textOf(form, 'reason').trim(),
            });
            reload();
          }}
        >
          <p class="soft">
            It leaves the board, and its silence raises nothing any more. What is known of it is kept.
          </p>
          <label class="field">
            <span>Reason</span>
            <textarea name="reason" required maxLength={2000} />
          </label>
        </FormDialog>
      )}
    </section>
  );
}
