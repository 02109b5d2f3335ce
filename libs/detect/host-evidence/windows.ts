import type { EntityRow } from '#libs/model/frame.ts';
import { accumulate } from '../accumulate.ts';
import { HOST_WINDOW } from '../layout.ts';
import { readHostFeatures } from './features.ts';

/** The features of the host of consecutive frames, as stage 1 reads them over a window. For fitting. */
export function hostWindowFeatures(
  frames: readonly { readonly samples: number; readonly entities: readonly EntityRow[] }[],
): Float64Array {
  const data = new Float64Array(HOST_WINDOW.width);
  for (const { samples, entities } of frames) {
    const row = entities.find(({ kind }) => kind === 'host');
    if (row === undefined) continue;
    accumulate(HOST_WINDOW, data, 0, Math.max(1, samples), row.gauges, 0, row.counters, 0, true);
  }
  return readHostFeatures({ layout: HOST_WINDOW, data, at: 0 });
}
