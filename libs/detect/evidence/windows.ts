import type { EntityRow } from '#libs/model/frame.ts';
import { accumulate } from '../accumulate.ts';
import { GPU_WINDOW } from '../layout.ts';
import { readFeatures } from './features.ts';

/** The features of the GPUs of consecutive frames, as stage 1 reads them over a window. For fitting. */
export function windowFeatures(
  frames: readonly { readonly samples: number; readonly entities: readonly EntityRow[] }[],
): Float64Array[] {
  const rows = frames.flatMap(({ samples, entities }) =>
    entities.filter(({ kind }) => kind === 'gpu').map((row) => ({ samples, row })),
  );
  return [...Map.groupBy(rows, ({ row }) => row.index).values()].map((own) => {
    const data = new Float64Array(GPU_WINDOW.width);
    for (const { samples, row } of own) {
      accumulate(GPU_WINDOW, data, 0, Math.max(1, samples), row.gauges, 0, row.counters, 0, true);
    }
    return readFeatures({ layout: GPU_WINDOW, data, at: 0 });
  });
}
