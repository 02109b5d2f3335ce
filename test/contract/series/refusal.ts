import { expect, test } from 'vitest';
import { type InfluxOptions, openInfluxSeries } from '#libs/series/influx.ts';
import { hourOf, plain, point, query, T0 } from './world.ts';

/** What becomes of points that an InfluxDB server refuses for their content. */
export function refusalContract(
  database: (more: Partial<InfluxOptions>) => InfluxOptions,
  post: (options: InfluxOptions, lines: string) => Promise<number>,
  drop: (options: InfluxOptions) => Promise<void>,
): void {
  test('a partial write stores the good points and names the refused ones', async () => {
    const options = database({});
    const series = openInfluxSeries(options);
    await series.prepare();
    expect(await post(options, `frame,node=other,entity=host contested="text" ${T0}`)).toBe(204);
    const points = Array.from({ length: 100 }, (_, i) =>
      [7, 8, 64, 99].includes(i)
        ? point('split', T0 + i, [1], { fields: ['contested'] })
        : point('split', T0 + i, [i, i, i]),
    );
    const { stored, refused } = await series.write(points);
    expect(stored).toBe(96);
    expect(refused.map(({ index }) => index)).toEqual([7, 8, 64, 99]);
    expect(refused[0]?.reason).toContain('field type conflict');
    const expected = points.filter((_, i) => ![7, 8, 64, 99].includes(i));
    expect(plain(await series.read(query(hourOf('split'))))).toEqual(plain(expected));
    await series.close();
    await drop(options);
  });

  test('a batch refused as a whole is told from one request', async () => {
    const options = database({ retentionDays: 2 });
    const series = openInfluxSeries(options);
    await series.prepare();
    const old = Array.from({ length: 500 }, (_, i) => point('old', T0 - 10 * 86_400_000 + i, [i, i, i]));
    const { stored, refused } = await series.write(old);
    expect(stored).toBe(0);
    expect(refused).toHaveLength(500);
    expect(refused[0]?.reason).toContain('retention');
    await series.close();
    await drop(options);
  });
}
