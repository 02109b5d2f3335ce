import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '#libs/runtime/config.ts';
import { openSeries, seriesSettings } from '#libs/series/open.ts';

const schema = z.object(seriesSettings);

test('without settings the points are in one file below the data folder', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-open-'));
  const series = openSeries(loadConfig(schema, { env: { DAVYLAMP_DATA_DIR: dataDir } }));
  await series.prepare();
  expect(await series.write([])).toEqual({ stored: 0, refused: [] });
  await series.close();
  await rm(dataDir, { recursive: true });
});

test('names a server by its settings, and does not ask it before its first use', async () => {
  const env = {
    DAVYLAMP_SERIES: 'influx',
    DAVYLAMP_INFLUX_URL: 'http://127.0.0.1:1',
    DAVYLAMP_INFLUX_API: 'v2',
  };
  const series = openSeries(loadConfig(schema, { env }));
  await expect(series.check()).rejects.toMatchObject({
    message: expect.stringContaining('http://127.0.0.1:1'),
  });
  await series.close();
});

test('lists every wrong setting at once', () => {
  const env = {
    DAVYLAMP_SERIES: 'redis',
    DAVYLAMP_INFLUX_URL: 'nowhere',
    DAVYLAMP_SERIES_RETENTION_DAYS: '-1',
  };
  expect(() => loadConfig(schema, { env })).toThrow(/3 problem/);
});
