import { expect, test } from 'vitest';
import { openInfluxSeries } from '#libs/series/influx.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { seriesContract } from './contract.ts';
import { dropBucket, influx2Options, influx2World, post2 } from './influx-world.ts';
import { outageContract } from './outage.ts';
import { refusalContract } from './refusal.ts';
import { hourOf, point, query, T0 } from './world.ts';

describeServer('DAVYLAMP_TEST_INFLUX2', 'series on InfluxDB 2.x', (url) => {
  seriesContract(() => influx2World(url), { reads: true, exact: true });
  outageContract(url, (more) =>
    openInfluxSeries(influx2Options(url, { database: 'contract_outage', ...more })),
  );
  refusalContract((more) => influx2Options(url, more), post2, dropBucket);

  test.each([
    ['a wrong token', { token: 'wrong' }, 'influxToken'],
    ['a bucket that is not there', { database: 'never made' }, 'influxDatabase'],
  ])('%s is refused, with what to check', async (_, wrong, advice) => {
    const series = openInfluxSeries(influx2Options(url, wrong));
    const refused = { code: 'DAVYLAMP_STORE_REFUSED', message: expect.stringContaining(advice) };
    await expect(series.write([point('x', T0, [1, 2, 3])])).rejects.toMatchObject(refused);
    await expect(series.read(query(hourOf('x')))).rejects.toMatchObject(refused);
    await series.close();
  });
});
