import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Point, Series } from '#libs/series/port.ts';
import { HOST_FIELDS, hourOf, plain, point, query, type SeriesWorld, T0 } from './world.ts';

export interface Abilities {
  /** Served by the port's own `read`. */
  readonly reads: boolean;
  /**
   * Every float64 and every name comes back as it was. VictoriaMetrics keeps a block's values as integers of one
   * decimal exponent, so that 1e38 beside 0.1 makes a zero of the latter, and takes a backslash to escape a backslash.
   */
  readonly exact: boolean;
}

/** What every series store does. Each test has nodes of its own, so that one store serves them all. */
export function seriesContract(createWorld: () => Promise<SeriesWorld>, abilities: Abilities): void {
  let world: SeriesWorld;
  let series: Series;
  beforeAll(async () => {
    world = await createWorld();
    series = world.open();
    await series.prepare();
  });
  afterAll(async () => {
    await series.close();
    await world[Symbol.asyncDispose]();
  });

  test('stores the same points twice as once', async () => {
    const points = [point('twice', T0, [0.5, 200, 1e9]), point('twice', T0 + 10_000, [0.25, 210, 1e9 + 5])];
    expect(await series.write(points)).toEqual({ stored: 2, refused: [] });
    expect(await series.write(points)).toEqual({ stored: 2, refused: [] });
    expect(plain(await world.read(query(hourOf('twice'))))).toEqual(plain(points));
  });

  test('overwrites a point field by field', async () => {
    await series.write([point('fields', T0, [0.5, 200, Number.NaN])]);
    await series.write([
      point('fields', T0, [0.75], { fields: ['cpu_utilization_ratio'] }),
      point('fields', T0, [Number.NaN, Number.NaN, 7]),
    ]);
    expect(plain(await world.read(query(hourOf('fields'))))).toEqual([
      { measurement: 'frame', node: 'fields', entity: 'host', timeMs: T0, values: [0.75, 200, 7] },
    ]);
  });

  test('gives back every float32 through Math.fround, however large or small', async () => {
    const ordinary = [0.1, -0.1, 1 / 3, 312.4375, 99999.99, -273.15, 0.999_999_94, 16_777_217.5, 0];
    const numbers = abilities.exact ? [...ordinary, 1e-5, 1e-38, 1e-45, 3.4e38] : ordinary;
    const points = numbers.map((value, i) => point('singles', T0 + i * 1000, [Math.fround(value), 1, 1]));
    await series.write(points);
    const read = await world.read(query(hourOf('singles')));
    expect(read.map(({ values }) => Math.fround(values[0] as number))).toEqual(numbers.map(Math.fround));
  });

  test('gives back every float64: counters beyond float32, tiny and negative numbers', async () => {
    const numbers = abilities.exact
      ? [Number.MAX_SAFE_INTEGER, 123_456_789_012.345, 1e21, 1.5e-300, -2 / 3, 0.1 + 0.2, 2 ** 53]
      : [123_456_789_012, 1e15, -0.125, 9_007_199_254_740];
    const points = numbers.map((value, i) => point('doubles', T0 + i * 1000, [1, 1, value]));
    await series.write(points);
    const read = await world.read(query(hourOf('doubles')));
    expect(read.map(({ values }) => values[2])).toEqual(numbers);
  });

  test('leaves NaN out, and a point of nothing but NaN altogether', async () => {
    const points = [
      point('absent', T0, [Number.NaN, 200, Number.NaN]),
      point('absent', T0 + 1000, [Number.NaN, Number.NaN, Number.NaN]),
    ];
    expect(await series.write(points)).toEqual({ stored: 2, refused: [] });
    const read = await world.read(query(hourOf('absent')));
    expect(plain(read)).toEqual(plain(points.slice(0, 1)));
  });

  test('keeps names with spaces, commas, equals signs, quotes, backslashes and other alphabets apart', async () => {
    const nodes = ['a b', 'a,b', 'a=b', 'a\\b', "a'b", 'a"b', 'узел-ü-節點', '# node'];
    if (abilities.exact) nodes.push('a\\,b', 'a\\ b', 'a\\\\=b');
    const points = nodes.map((node, i) => point(node, T0, [i, i, i], { entity: `gpu ${i},=` }));
    expect(await series.write(points)).toEqual({ stored: nodes.length, refused: [] });
    expect(plain(await world.read(query(hourOf(...nodes))))).toEqual(plain(points));
  });

  test('names the points that no store can take, and stores the others', async () => {
    const points = [
      point('good', T0, [1, 2, 3]),
      point('two\nlines', T0, [1, 2, 3]),
      point('', T0, [1, 2, 3]),
      point('tail\\', T0, [1, 2, 3]),
      point('good', T0 + 1000, [Number.POSITIVE_INFINITY, 2, 3]),
      point('good', T0 + 0.5, [1, 2, 3]),
      point('good', T0 + 2000, [4, 5, 6]),
    ];
    const { stored, refused } = await series.write(points);
    expect(stored).toBe(2);
    expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
    expect(refused[3]?.reason).toBe('cpu_utilization_ratio Infinity: expected a finite number');
    expect(plain(await world.read(query(hourOf('good'))))).toEqual(plain([points[0], points[6]] as Point[]));
  });

  test('writes batches larger than one request', async () => {
    const count = 12_000;
    const points = Array.from({ length: count }, (_, i) => point('large', T0 + i * 10, [i / 7, i, i * 1e6]));
    expect(await series.write(points)).toEqual({ stored: count, refused: [] });
    const read = await world.read(query(hourOf('large')));
    expect(read.map(({ values }) => values[1])).toEqual(points.map(({ values }) => values[1]));
  });

  test('writes nothing for no points', async () => {
    expect(await series.write([])).toEqual({ stored: 0, refused: [] });
  });

  test('answers a check', async () => {
    expect(await series.check()).toBeUndefined();
  });

  test('rejects after close', async () => {
    const closed = world.open();
    await closed.check();
    await closed.close();
    await closed.close();
    await expect(closed.write([point('late', T0, [1, 2, 3])])).rejects.toMatchObject({
      code: 'DAVYLAMP_STORE_UNAVAILABLE',
    });
  });

  if (abilities.reads) readingContract(() => series);
}

/** The half of the contract that a server without InfluxQL cannot serve. */
function readingContract(store: () => Series): void {
  const fill = async (prefix: string): Promise<void> => {
    const points = ['1', '2', '3'].flatMap((n) =>
      [0, 10_000, 20_000, 30_000].flatMap((ms) =>
        ['host', 'gpu0'].map((entity) => point(prefix + n, T0 + ms, [Number(n), ms, 1], { entity })),
      ),
    );
    await store().write([...points, point(`${prefix}1`, T0, [9, 9, 9], { measurement: 'summary' })]);
  };
  const times = (points: readonly Point[]) =>
    points.map(({ node, entity, timeMs }) => `${node}/${entity}@${timeMs - T0}`);

  test('reads only what a scope allows: its nodes, from its start, before its end', async () => {
    await fill('scoped');
    const scopes = [
      { node: 'scoped1', fromMs: T0 + 10_000, toMs: T0 + 20_000 },
      { node: 'scoped2', fromMs: T0, toMs: T0 + 10_001 },
      { node: 'scoped2', fromMs: T0 + 30_000, toMs: T0 + 40_000 },
      { node: 'scoped3', fromMs: T0 + 20_000, toMs: T0 + 20_000 },
      { node: 'unheard of', fromMs: T0, toMs: T0 + 40_000 },
    ];
    expect(times(await store().read(query(scopes, { entity: 'host' })))).toEqual([
      'scoped2/host@0',
      'scoped1/host@10000',
      'scoped2/host@10000',
      'scoped2/host@30000',
    ]);
  });

  test('reads nothing without a scope, and no instant twice where scopes overlap', async () => {
    await fill('overlap');
    expect(await store().read(query([]))).toEqual([]);
    const scopes = [
      { node: 'overlap1', fromMs: T0, toMs: T0 + 20_000 },
      { node: 'overlap1', fromMs: T0 + 10_000, toMs: T0 + 30_000 },
    ];
    expect(times(await store().read(query(scopes, { entity: 'gpu0' })))).toEqual([
      'overlap1/gpu0@0',
      'overlap1/gpu0@10000',
      'overlap1/gpu0@20000',
    ]);
  });

  test('a scope is no query: quotes in a name read nobody else', async () => {
    await fill('quoted');
    const sly = `x' OR "node" = 'quoted1`;
    expect(await store().read(query(hourOf(sly)))).toEqual([]);
    expect(await store().read(query(hourOf('two\nlines', '', 'tail\\', 'nul\0')))).toEqual([]);
    expect(await store().read(query(hourOf('quoted1'), { entity: 'two\nlines' }))).toEqual([]);
    expect(await store().read(query(hourOf('quoted1'), { entity: `host' OR "entity" = 'gpu0` }))).toEqual([]);
  });

  test('reads all entities of a measurement unless one is named', async () => {
    await fill('entities');
    const scopes = [{ node: 'entities1', fromMs: T0, toMs: T0 + 1 }];
    expect(times(await store().read(query(scopes))).toSorted()).toEqual([
      'entities1/gpu0@0',
      'entities1/host@0',
    ]);
    expect(plain(await store().read(query(scopes, { measurement: 'summary' })))).toEqual([
      { measurement: 'summary', node: 'entities1', entity: 'host', timeMs: T0, values: [9, 9, 9] },
    ]);
  });

  test('gives the fields asked for, in that order, NaN for those a point lacks, and no point that has none', async () => {
    await store().write([
      point('order', T0, [1, Number.NaN, 3]),
      point('order', T0 + 1000, [Number.NaN, 2, Number.NaN]),
    ]);
    const fields = [HOST_FIELDS[2], 'never_written', HOST_FIELDS[0]];
    const read = await store().read(query(hourOf('order'), { fields }));
    expect(plain(read)).toEqual([
      { measurement: 'frame', node: 'order', entity: 'host', timeMs: T0, values: [3, Number.NaN, 1] },
    ]);
    expect(read[0]?.fields).toEqual(fields);
  });

  test('reads a fleet of a thousand nodes in one call, and only them', async () => {
    const odd = ['fleet.*', 'fleet|.', 'fleet/^$', 'fleet[a]{1}(b)+?', 'fleet\\/', "fleet'"];
    const nodes = [...odd, ...Array.from({ length: 1_200 }, (_, i) => `fleet-${String(i).padStart(4, '0')}`)];
    const strangers = ['fleet', 'fleet-00000', 'a fleet-0000', 'fleetx'];
    await store().write([...nodes, ...strangers].map((node, i) => point(node, T0, [i, i, i])));
    const read = await store().read(query(hourOf(...nodes)));
    expect(read.map(({ node }) => node).toSorted()).toEqual(nodes.toSorted());
  });
}
