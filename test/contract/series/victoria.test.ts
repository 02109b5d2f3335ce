import { randomUUID } from 'node:crypto';
import { type InfluxOptions, openInfluxSeries } from '#libs/series/influx.ts';
import type { Point, SeriesQuery } from '#libs/series/port.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { seriesContract } from './contract.ts';
import { outageContract } from './outage.ts';
import type { SeriesWorld } from './world.ts';

interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

/** VictoriaMetrics names a series `<measurement>_<field>`; one line of JSON each. It keeps what comes twice twice. */
async function exported(
  url: string,
  node: string,
  { measurement, fields, entity }: SeriesQuery,
  fromMs: number,
  toMs: number,
): Promise<readonly Point[]> {
  await fetch(`${url}/internal/force_flush`);
  const match = `{__name__=~"${measurement}_.*",node=${JSON.stringify(node)}}`;
  const asked = new URLSearchParams({
    'match[]': match,
    start: String(fromMs / 1000),
    end: String((toMs - 1) / 1000),
  });
  const text = await (await fetch(`${url}/api/v1/export?${asked.toString()}`)).text();
  const points = new Map<string, Point & { values: Float64Array }>();
  for (const line of text.split('\n').filter(Boolean)) {
    const { metric, values, timestamps } = JSON.parse(line) as ExportedSeries;
    const place = fields.indexOf(metric.__name__?.slice(measurement.length + 1) ?? '');
    const found = metric.entity ?? '';
    if (place < 0 || (entity !== undefined && entity !== found)) continue;
    timestamps.forEach((timeMs, i) => {
      const key = `${found}/${timeMs}`;
      const blank = {
        measurement,
        node,
        entity: found,
        timeMs,
        fields,
        values: new Float64Array(fields.length).fill(Number.NaN),
      };
      const point = points.get(key) ?? blank;
      point.values[place] = values[i] as number;
      points.set(key, point);
    });
  }
  return [...points.values()].toSorted((a, b) => a.timeMs - b.timeMs);
}

async function victoriaWorld(url: string): Promise<SeriesWorld> {
  // It has no databases: a prefix of the node's name keeps this run apart.
  const run = randomUUID();
  const options: InfluxOptions = {
    url,
    api: 'v2',
    database: 'davylamp',
    org: 'davylamp',
    retentionDays: 0,
    timeoutMs: 20_000,
  };
  const apart = (point: Point): Point =>
    point.node === '' ? point : { ...point, node: `${run}/${point.node}` };
  return {
    open() {
      const series = openInfluxSeries(options);
      return {
        prepare: () => series.prepare(),
        write: (points) => series.write(points.map(apart)),
        read: (query) => series.read(query),
        check: () => series.check(),
        close: () => series.close(),
      };
    },
    async read(query) {
      const found = await Promise.all(
        query.scopes.map(({ node, fromMs, toMs }) => exported(url, `${run}/${node}`, query, fromMs, toMs)),
      );
      return found.flat().map((point) => ({ ...point, node: point.node.slice(run.length + 1) }));
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

describeServer('DAVYLAMP_TEST_VICTORIA', 'series on VictoriaMetrics (write half)', (url) => {
  seriesContract(() => victoriaWorld(url), { reads: false, exact: false });
  outageContract(url, (more) =>
    openInfluxSeries({
      url,
      api: 'v2',
      database: 'davylamp',
      org: 'davylamp',
      retentionDays: 0,
      timeoutMs: 20_000,
      ...more,
    }),
  );
});
