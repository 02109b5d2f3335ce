import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSqliteSeries } from '#libs/series/sqlite.ts';
import { seriesContract } from './contract.ts';
import { hourOf, plain, point, query, type SeriesWorld, T0 } from './world.ts';

async function folder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'davylamp-series-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function sqliteWorld(): Promise<SeriesWorld> {
  const home = await folder();
  const open = () => openSqliteSeries(join(home.path, 'series.db'), { retentionDays: 90 });
  const reader = open();
  return {
    open,
    // Another connection, as another process has: what it reads has been committed.
    read: (asked) => reader.read(asked),
    async [Symbol.asyncDispose]() {
      await reader.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

describe('series on SQLite', () => {
  seriesContract(sqliteWorld, { reads: true, exact: true });

  test('keeps its points over a restart and leaves no second file open', async () => {
    await using home = await folder();
    const path = join(home.path, 'deep', 'series.db');
    const before = openSqliteSeries(path, { retentionDays: 0 });
    await before.write([point('kept', T0, [1, 2, 3])]);
    await before.close();
    expect(await readdir(join(home.path, 'deep'))).toEqual(['series.db']);
    const after = openSqliteSeries(path, { retentionDays: 0 });
    await after.write([point('kept', T0 + 1000, [4, 5, 6])]);
    expect(plain(await after.read(query(hourOf('kept'))))).toHaveLength(2);
    await after.close();
  });

  test('sweeps what is past the retention', async () => {
    await using home = await folder();
    const dayMs = 86_400_000;
    const series = openSqliteSeries(join(home.path, 'series.db'), { retentionDays: 7, now: () => T0 });
    await series.write([
      point('swept', T0 - 8 * dayMs, [1, 2, 3]),
      point('swept', T0 - 6 * dayMs, [4, 5, 6]),
    ]);
    await series.prepare();
    const all = [{ node: 'swept', fromMs: 0, toMs: T0 + dayMs }];
    expect((await series.read(query(all))).map(({ timeMs }) => timeMs)).toEqual([T0 - 6 * dayMs]);
    await series.close();
  });

  test('two writers of one file both get their points in', async () => {
    await using home = await folder();
    const path = join(home.path, 'series.db');
    const writers = [
      openSqliteSeries(path, { retentionDays: 0 }),
      openSqliteSeries(path, { retentionDays: 0 }),
    ];
    await Promise.all(
      writers.map((series, w) =>
        series.write(Array.from({ length: 3000 }, (_, i) => point(`w${w}`, T0 + i, [i, w, 1]))),
      ),
    );
    expect(await writers[0]?.read(query(hourOf('w0', 'w1')))).toHaveLength(6000);
    for (const series of writers) await series.close();
  });

  test('says what is wrong with a file that is no database, or cannot be made', async () => {
    await using home = await folder();
    const path = join(home.path, 'notes.txt');
    await writeFile(path, 'not a database, but long enough to be read as the header of one: '.repeat(20));
    expect(() => openSqliteSeries(path, { retentionDays: 0 })).toThrow(
      expect.objectContaining({ code: 'DAVYLAMP_STORE_REFUSED', message: expect.stringContaining(path) }),
    );
    expect(() => openSqliteSeries(join(path, 'below.db'), { retentionDays: 0 })).toThrow(
      expect.objectContaining({ code: 'DAVYLAMP_STORE_UNAVAILABLE' }),
    );
  });
});
