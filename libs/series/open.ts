import { join } from 'node:path';
import { z } from 'zod';
import { choice, dataDirSetting, filledText, wholeNumber } from '#libs/runtime/settings.ts';
import { openInfluxSeries } from './influx.ts';
import type { Series } from './port.ts';
import { openSqliteSeries } from './sqlite.ts';

/** Settings of the series store; spread into a service's schema. */
export const seriesSettings = {
  ...dataDirSetting,
  series: choice(['embedded', 'influx']).default('embedded').describe('Where points are kept.'),
  seriesRetentionDays: wholeNumber(0, 36_500).default(90).describe('Days that points are kept; 0: for ever.'),
  influxUrl: z
    .url({ protocol: /^https?$/, error: 'expected http://host:port or https://host:port' })
    .default('http://127.0.0.1:8086')
    .describe('Address of InfluxDB, where series is influx.'),
  influxApi: choice(['v1', 'v2']).default('v1').describe('v1: InfluxDB 1.x; v2: InfluxDB 2.x and 3.x.'),
  influxToken: z
    .string('expected a text')
    .default('')
    .meta({ description: 'v2: an API token; v1: `user:password`; empty: none is asked for.', secret: true }),
  influxOrg: z.string('expected a text').default('').describe('Organisation of InfluxDB 2.x.'),
  influxDatabase: filledText()
    .default('davylamp')
    .describe('Database of InfluxDB 1.x and 3.x, bucket of 2.x.'),
  influxTimeoutMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('Milliseconds that a request to InfluxDB may take, with its answer.'),
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
