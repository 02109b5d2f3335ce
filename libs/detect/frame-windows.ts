import type { EntityRow } from '#libs/model/frame.ts';
import { accumulate } from './accumulate.ts';
import type { WindowValues } from './evidence/features.ts';
import type { WindowLayout } from './layout.ts';

/** What is read of a frame. */
export interface FrameRows {
  readonly samples: number;
  readonly entities: readonly EntityRow[];
}

/** Consecutive frames of one node as one window of each of its entities of a kind, as stage 1 gathers it. For fitting. */
export function windowsOf(
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
