import type { DossierView } from '../../api/contract/node.ts';
import { metricName } from '../format.ts';

const MODE = 'gpu_confidential_compute_mode';

/** Says of GPUs with confidential computing on what is hidden, and what they report all the same. */
export function Confidential({ entities }: Pick<DossierView, 'entities'>) {
  const hidden = entities.filter(({ confidential }) => confidential);
  if (hidden.length === 0) return null;
  const left = [...new Set(hidden.flatMap(({ metrics }) => metrics))].filter((metric) => metric !== MODE);
  return (
    <section class="notice" aria-label="Confidential computing">
      Confidential computing is on for {hidden.length === 1 ? hidden[0]?.name : `${hidden.length} GPUs`} of
      this node: the driver’s performance counters are off, so what runs there shows neither its activities
      nor its traffic.{' '}
      {left.length === 0
        ? 'Nothing else is reported of it. What remains to be seen is the power of the node, in band or at a meter.'
        : `What remains to be seen: ${left.map(metricName).join(', ')}, and the power of the node at a meter.`}
    </section>
  );
}
