import type { DossierView } from '../../api/contract/node.ts';
import { LossTable } from '../parts/loss-table.tsx';

/** What became of this node's frames, per start of its agent. */
export function Loss({ rows }: { readonly rows: DossierView['loss'] }) {
  return (
    <section class="card stack tight wide" aria-labelledby="loss">
      <div class="section-head">
        <h2 id="loss">Frames</h2>
        <span class="small soft">
          sent = stored + dead-lettered + dropped + in flight, per start of its agent
        </span>
      </div>
      {rows.length === 0 ? <p class="soft">None has been heard of yet.</p> : <LossTable rows={rows} />}
    </section>
  );
}
