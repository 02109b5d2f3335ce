import type { EntityRow } from '#libs/model/frame.ts';
import { accumulate } from '../accumulate.ts';
import { GPU_WINDOW, HOST_WINDOW, type WindowLayout } from '../layout.ts';
import { isBusyGpu, readFeatures, type WindowValues } from './features.ts';
import { readTraffic } from './traffic.ts';

interface FrameRows {
  readonly samples: number;
  readonly entities: readonly EntityRow[];
}

/** The features of the GPUs of one node's consecutive frames, as stage 1 reads them over a window. For fitting. */
export function windowFeatures(frames: readonly FrameRows[]): Float64Array[] {
  const windows = windowsOf(frames, 'gpu', GPU_WINDOW);
  const [host = null] = windowsOf(frames, 'host', HOST_WINDOW);
  const traffic = readTraffic(host, windows.filter(isBusyGpu).length);
  return windows.map((window) => readFeatures(window, traffic));
}

function windowsOf(
  frames: readonly FrameRows[],
  kind: EntityRow['kind'],
  layout: WindowLayout,
): WindowValues[] {
  const rows = frames.flatMap(({ samples, entities }) =>
    entities.filter((row) => row.kind === kind).map((row) => ({ samples, row })),
  );
  return [...Map.groupBy(rows, ({ row }) => row.index).values()].map((own) => {
    const data = new Float64Array(layout.width);
    for (const { samples, row } of own) {
      accumulate(layout, data, 0, Math.max(1, samples), row.gauges, 0, row.counters, 0, true);
    }
    return { layout, data, at: 0 };
  });
}
