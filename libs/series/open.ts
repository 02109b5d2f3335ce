import { join } from 'node:path';
import { z } from 'zod';
import { openInfluxSeries } from './influx.ts';
import type { Series } from './port.ts';
import { openSqliteSeries } from './sqlite.ts';

/** Settings of the series store; spread into a service's schema. */
export const seriesSettings = {
  dataDir: z.string().min(1).default('./data'),
  series: z.enum(['embedded', 'influx']).default('embedded'),
  /** 0: for ever. */
  seriesRetentionDays: z.coerce.number().int().min(0).max(36_500).default(90),
  influxUrl: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8086'),
  /** v1: `/write` of InfluxDB 1.x. v2: `/api/v2/write` of 2.x and 3.x. */
  influxApi: z.enum(['v1', 'v2']).default('v1'),
  /** v2: an API token. v1: `user:password`. Empty: no authentication. */
  influxToken: z.string().default(''),
  influxOrg: z.string().default(''),
  /** The database of 1.x and 3.x, the bucket of 2.x. */
  influxDatabase: z.string().min(1).default('davylamp'),
  influxTimeoutMs: z.coerce.number().int().min(100).max(600_000).default(30_000),
};

export type SeriesSettings = z.infer<z.ZodObject<typeof seriesSettings>>;

/** Opens the store that the settings name. Nothing is sent to a server before its first use. */
export function openSeries(settings: SeriesSettings): Series {
  const retentionDays = settings.seriesRetentionDays;
  if (settings.series === 'embedded') {
    return openSqliteSeries(join(settings.dataDir, 'series.db'), { retentionDays });
  }
  return openInfluxSeries({
    url: settings.influxUrl,
    api: settings.influxApi,
    token: settings.influxToken,
    org: settings.influxOrg,
    database: settings.influxDatabase,
    timeoutMs: settings.influxTimeoutMs,
    retentionDays,
  });
}
