import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Batch, Delivered, Outgoing } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { openSqliteSeries } from '#libs/series/sqlite.ts';
import { busSource } from '#services/cli/backtest/bus-source.ts';
import { compareVersions } from '#services/cli/backtest/compare.ts';
import { inStep, StreamCursor } from '#services/cli/backtest/in-step.ts';
import { pulled } from '#services/cli/backtest/pulled.ts';
import { seriesSource } from '#services/cli/backtest/series-source.ts';
import { ALL_TIME, type Range, type Registers, type Source } from '#services/cli/backtest/source.ts';
import { readVersions } from '#services/cli/backtest/version.ts';
import { framePoints } from '#services/writer/frame-points.ts';
import { SimulatedNode, ticks } from '#test/support/fleet.ts';
import { nodeRecord } from '#test/unit/detector/world.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const MINUTES = 25;
const END_MS = START_MS + MINUTES * 60_000;
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const nothing = () => undefined;

/** Sister nodes of which one becomes busy and another falls silent: peers decide about the first. */
function messages(partitions: number): readonly (readonly Outgoing[])[] {
  const nodes = NODES.map((node, index) => ({
    node,
    speaks: new SimulatedNode({
      node,
      site: 's1',
      gpus: 2,
      busyFromMs: node === 'n2' ? START_MS + 10 * 60_000 : null,
      seed: index + 1,
    }),
  }));
  return Array.from({ length: MINUTES * 6 + 5 }, (_, step) => {
    const endMs = START_MS + (step + 1) * 10_000;
    const heard = nodes.filter(({ node }) => endMs < END_MS && (node !== 'n5' || step < 90));
    return [
      ...heard.map(({ speaks }) => speaks.message(endMs)),
      ...ticks(TOPICS.frames.name, partitions, endMs),
    ];
  });
}

const ledger: Registers = {
  nodes: { list: async () => NODES.map((node) => nodeRecord(node, { hardware: '2x H100' })) },
  declarations: { list: async () => [] },
};

async function filledBus(partitions: number) {
  const bus = createSqliteBus({ path: ':memory:', partitions });
  await bus.ensure(Object.values(TOPICS));
  for (const step of messages(partitions)) await bus.publish(step);
  return bus;
}

async function outcome(source: Source) {
  return await compareVersions(source, await readVersions([], []), undefined, nothing);
}

/** Everything that one version finds: the other is deaf to windows and silence. */
async function findings(source: Source) {
  const [a, b] = await readVersions([], []);
  const deaf = {
    ...b,
    parameters: { ...b.parameters, warmUpWindows: 1e6, missedTicks: 1e6, blindTicks: 1e7 },
  };
  const { findings: found } = await compareVersions(source, [a, deaf], undefined, nothing);
  expect(found).toMatchObject({ onlyB: [], changed: [], same: 0 });
  return found.onlyA;
}

test('the number of partitions changes nothing, though peers lie in different ones', async () => {
  const [one, seven] = [await filledBus(1), await filledBus(7)];
  const options = { range: ALL_TIME, offsets: {} };
  const alone = await findings(await busSource(one, ledger, options));
  expect(alone.map(({ node, kind }) => `${node} ${kind}`)).toEqual(['n2 deviation', 'n5 blind']);
  expect(await findings(await busSource(seven, ledger, options))).toEqual(alone);
  const both = await outcome(await busSource(seven, ledger, options));
  expect(both.source).toMatchObject({ messages: 5 * (MINUTES * 6 - 1) + 90, ticks: 7 * (MINUTES * 6 + 5) });
  expect(both.findings).toEqual({ onlyA: [], onlyB: [], changed: [], same: 2 });
  await Promise.all([one.close(), seven.close()]);
});

test('the series store under `full` gives the same findings, with peers and several GPUs', async () => {
  const bus = await filledBus(2);
  const series = openSqliteSeries(':memory:', { retentionDays: 0 });
  const decoder = new FrameDecoder();
  for (const step of messages(1)) {
    const frames = step.filter(({ headers }) => headers?.type === 'frame');
    await series.write(frames.flatMap(({ value }) => framePoints(decoder.decode(value), 'frame', 'all')));
  }
  const range: Range = { fromMs: START_MS, toMs: END_MS };
  const fromBus = await findings(await busSource(bus, ledger, { range, offsets: {} }));
  expect(fromBus).toHaveLength(2);
  expect(await findings(await seriesSource(series, ledger, range))).toEqual(fromBus);
  await Promise.all([bus.close(), series.close()]);
});

test('a store in which all are silent for a while makes nobody blind', async () => {
  const series = openSqliteSeries(':memory:', { retentionDays: 0 });
  const decoder = new FrameDecoder();
  const gap = { fromMs: START_MS + 10 * 60_000, toMs: START_MS + 20 * 60_000 };
  for (const step of messages(1)) {
    for (const { headers, value, key } of step) {
      if (headers?.type !== 'frame' || key === 'n5') continue;
      const rows = decoder.decode(value);
      if (rows.endMs <= gap.fromMs || rows.endMs > gap.toMs)
        await series.write(framePoints(rows, 'frame', 'all'));
    }
  }
  const found = await findings(await seriesSource(series, ledger, { fromMs: START_MS, toMs: END_MS }));
  expect(found.filter(({ kind }) => kind === 'blind')).toEqual([]);
  await series.close();
});

function tick(index: number): Delivered {
  const value = Buffer.from(JSON.stringify({ index, timeMs: index * 10_000 }));
  return { key: 'tick', value, headers: { type: Buffer.from('tick') }, offset: 0, receivedMs: 0 };
}

function frame(name: string): Delivered {
  return {
    key: name,
    value: Buffer.from(name),
    headers: { type: Buffer.from('frame') },
    offset: 0,
    receivedMs: 0,
  };
}

/** Keys in the order in which partitions come out, read in batches of this size. */
async function order(partitions: readonly (readonly Delivered[])[], size: number, range = ALL_TIME) {
  const cursors = partitions.map((records, partition) => {
    async function* batches(): AsyncGenerator<Batch> {
      for (let from = 0; from < records.length; from += size)
        yield { topic: 'frames', partition, records: records.slice(from, from + size) };
    }
    return new StreamCursor('frames', partition, batches(), range, nothing);
  });
  const names: string[] = [];
  for await (const { partition, records } of inStep(cursors)) {
    for (const { key, value } of records)
      names.push(
        key === 'tick' ? `${partition}:${(JSON.parse(value.toString()) as { index: number }).index}` : key,
      );
  }
  return names;
}

test.each([1, 2, 3, 100])('partitions come in step with their ticks, in batches of %i', async (size) => {
  const left = [frame('a'), tick(1), frame('b'), frame('c'), tick(2), tick(2), frame('d'), tick(5)];
  const right = [tick(1), frame('x'), tick(2), frame('y'), tick(3), frame('z')];
  const expected = ['a', '0:1', '1:1', 'b', 'c', '0:2', 'x', '1:2'];
  const all = await order([left, right], size);
  expect(all.slice(0, expected.length)).toEqual(expected);
  expect(all.slice(expected.length)).toEqual(['0:2', 'd', '0:5', 'y', '1:3', 'z']);
});

test('a partition that begins later waits for none and holds up none', async () => {
  const late = [tick(10), frame('late'), tick(11)];
  const early = [tick(1), frame('e1'), tick(2), frame('e2'), tick(10), frame('e3'), tick(11)];
  expect(await order([late, early], 2)).toEqual([
    '0:10',
    '1:1',
    'e1',
    '1:2',
    'e2',
    '1:10',
    'late',
    '0:11',
    'e3',
    '1:11',
  ]);
});

test('ticks end a while after the range, so that its last windows close, and nobody counts as missed', async () => {
  const records = Array.from({ length: 30 }, (_, index) => tick(index));
  const names = await order([records], 4, { fromMs: 50_000, toMs: 100_000 });
  expect(names).toEqual(Array.from({ length: 11 }, (_, index) => `0:${index + 6}`));
});

test('items are pulled one at a time, and a pull that is left ends the push', async () => {
  let pushed = 0;
  let ended = false;
  const push = async (deliver: (item: number) => Promise<void>) => {
    try {
      for (; pushed < 10; pushed++) await deliver(pushed);
    } finally {
      ended = true;
    }
  };
  const taken: number[] = [];
  for await (const item of pulled(push)) {
    await turn();
    expect(pushed).toBe(item);
    taken.push(item);
    if (item === 3) break;
  }
  expect([taken, pushed, ended]).toEqual([[0, 1, 2, 3], 3, true]);
});

test('all items come, and what the push throws is thrown', async () => {
  const taken: string[] = [];
  const failing = pulled<string>(async (deliver) => {
    await deliver('one');
    await deliver('two');
    throw new Error('away');
  });
  const all = async () => {
    for await (const item of failing) taken.push(item);
  };
  await expect(all()).rejects.toThrow('away');
  expect(taken).toEqual(['one', 'two']);
});
