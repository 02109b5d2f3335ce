import { expect, test } from 'vitest';
import { openInfluxSeries } from '#libs/series/influx.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { seriesContract } from './contract.ts';
import { ask, dropDatabase, influx1Options, influx1World, post } from './influx-world.ts';
import { outageContract } from './outage.ts';
import { refusalContract } from './refusal.ts';
import { hourOf, point, query, T0 } from './world.ts';

describeServer('DAVYLAMP_TEST_INFLUX1', 'series on InfluxDB 1.x', (url) => {
  seriesContract(() => influx1World(url), { reads: true, exact: true });
  outageContract(url, (options) =>
    openInfluxSeries(influx1Options(url, { database: 'contract_outage', ...options })),
  );

  test('creates the database with its retention, and brings the retention up to date', async () => {
    const options = influx1Options(url, { retentionDays: 30 });
    for (const retentionDays of [30, 7, 0]) {
      const series = openInfluxSeries({ ...options, retentionDays });
      await series.prepare();
      await series.prepare();
      await series.close();
      const policies = JSON.stringify(await ask(url, `SHOW RETENTION POLICIES ON "${options.database}"`));
      expect(policies).toContain(`"davylamp","${retentionDays * 24}h0m0s"`.replace('"0h0m0s"', '"0s"'));
    }
    await dropDatabase(options);
  });

  refusalContract((more) => influx1Options(url, more), post, dropDatabase);

  test('a database that is not there is refused, with what to check', async () => {
    const series = openInfluxSeries(influx1Options(url, { database: 'never made' }));
    const refused = {
      code: 'DAVYLAMP_STORE_REFUSED',
      message: expect.stringMatching(/never made.*influxDatabase/),
    };
    await expect(series.write([point('x', T0, [1, 2, 3])])).rejects.toMatchObject(refused);
    await expect(series.read(query(hourOf('x')))).rejects.toMatchObject(refused);
    await series.close();
  });
});
