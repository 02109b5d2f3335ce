import { join } from 'node:path';
import { z } from 'zod';
import type { Series } from './port.ts';
import { openSqliteSeries } from './sqlite.ts';

/** Settings of the series store; spread into a service's schema. */
export const seriesSettings = {
  dataDir: z.string().min(1).default('./data'),
  series: z.enum(['embedded', 'influx']).default('embedded'),
  /** 0: for ever. */
  seriesRetentionDays: z.coerce.number().int().min(0).max(36_500).default(90),
};

export type SeriesSettings = z.infer<z.ZodObject<typeof seriesSettings>>;

/** Opens the store that the settings name. */
export function openSeries(settings: SeriesSettings): Series {
  return openSqliteSeries(join(settings.dataDir, 'series.db'), {
    retentionDays: settings.seriesRetentionDays,
  });
}
