import { join } from 'node:path';
import { z } from 'zod';
import { openInfluxSeries } from './influx.ts';
import type { Series } from './port.ts';
import { openSqliteSeries } from './sqlite.ts';

/** Settings of the series store; spread into a service's schema. */
export const seriesSettings = {
  dataDir: z.string().min(1).default('./data').describe('folder of the embedded databases'),
  series: z.enum(['embedded', 'influx']).default('embedded').describe('where points are kept'),
  seriesRetentionDays: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(90)
    .describe('how long points are kept; 0: for ever'),
  influxUrl: z
    .url({ protocol: /^https?$/, error: 'expected http://host:port' })
    .default('http://127.0.0.1:8086')
    .describe('address of InfluxDB, for series = influx'),
  influxApi: z.enum(['v1', 'v2']).default('v1').describe('v1: InfluxDB 1.x; v2: 2.x and 3.x'),
  influxToken: z.string().default('').describe('v2: an API token; v1: user:password; empty: none asked for'),
  influxOrg: z.string().default('').describe('organisation, for 2.x'),
  influxDatabase: z.string().min(1).default('davylamp').describe('database of 1.x and 3.x, bucket of 2.x'),
  influxTimeoutMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('how long a request may take, with its answer'),
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
