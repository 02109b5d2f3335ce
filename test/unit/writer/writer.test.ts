import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { partitionOf } from '#libs/bus/partition.ts';
import type { Bus, Outgoing } from '#libs/bus/port.ts';
import type { Custody, CustodyEntry } from '#libs/ledger/port.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import {
  LedgerRefusedError,
  MessageTooLargeError,
  StoreRefusedError,
  StoreUnavailableError,
} from '#libs/runtime/errors.ts';
import type { Series } from '#libs/series/port.ts';
import { eventually } from '#test/support/eventually.ts';
import {
  allCommitted,
  anAssessment,
  assessmentMessage,
  deadRecords,
  fleetFrames,
  header,
  isBalanced,
  openWorkshop,
  runWriter,
  stored,
  summaryMessage,
  T0,
} from './workshop.ts';

const POWER = ['gpu_power_watts'];
const CPU = ['cpu_utilization_ratio'];

test('stores every entity of every frame, accounts for it, then commits', async () => {
  await using shop = await openWorkshop();
  await shop.bus.publish(fleetFrames(['a', 'b'], 20, 2));
  await using writer = await runWriter(shop);
  await allCommitted(shop.bus);
  const points = await stored(shop.series, 'frame', 'a', [...CPU, ...POWER]);
  expect(points).toHaveLength(60);
  expect(points.slice(0, 3).map(({ entity, timeMs }) => `${entity}@${timeMs - T0}`)).toEqual([
    'gpu0@10000',
    'gpu1@10000',
    'host@10000',
  ]);
  expect(await shop.ledger.custody.balance()).toMatchObject([
    { node: 'a', sent: 20, stored: 20, dead: 0, inFlight: 0 },
    { node: 'b', sent: 20, stored: 20, dead: 0, inFlight: 0 },
  ]);
  expect(writer.counters.value('writer_received_total', { topic: 'frames' })).toBe(40);
  expect(writer.counters.value('writer_sent_total', { topic: 'frames' })).toBe(40);
  expect(writer.counters.value('writer_points_stored_total')).toBe(120);
});

test('dead-letters what cannot be read, with its bytes, origin and reason, and goes on', async () => {
  await using shop = await openWorkshop();
  const frames = fleetFrames(['a'], 5) as Outgoing[];
  const poisoned = { ...(frames[2] as Outgoing), value: Uint8Array.of(0xff, 1, 2) };
  const strange = { topic: 'frames', key: 'a', value: Uint8Array.of(1), headers: { type: 'rumour' } };
  const nameless = { ...poisoned, headers: { type: 'frame' } };
  await shop.bus.publish([...frames.slice(0, 2), poisoned, strange, nameless, ...frames.slice(3)]);
  await using writer = await runWriter(shop);
  await allCommitted(shop.bus);
  const dead = await deadRecords(shop.bus);
  expect(dead).toHaveLength(2);
  expect(Array.from(dead[0]?.value ?? [])).toEqual([0xff, 1, 2]);
  expect(dead.map((record) => header(record, 'origin').replace(/\d/, 'p'))).toEqual([
    'frames/p/2',
    'frames/p/4',
  ]);
  expect(header(dead[0] as never, 'reason')).toMatch(/bad|truncated/);
  expect(header(dead[0] as never, 'seq')).toBe('3');
  expect(await shop.ledger.custody.balance()).toMatchObject([
    { node: 'a', sent: 5, stored: 4, dead: 1, inFlight: 0 },
  ]);
  expect(writer.counters.value('writer_unknown_messages_total', { topic: 'frames' })).toBe(1);
  expect(writer.counters.value('writer_discarded_total', { topic: 'frames', reason: 'dead letter' })).toBe(2);
});

test('a record as large as the bus takes becomes one dead letter, and the others of its partition are stored', async () => {
  await using shop = await openWorkshop();
  const [frame, next] = fleetFrames(['a'], 2) as [Outgoing, Outgoing];
  const headers = { ...frame.headers, boot: 'b'.repeat(60_000), seal: 's'.repeat(39_800) };
  await shop.bus.publish([{ ...frame, value: new Uint8Array(900_150), headers }, next]);
  await using _ = await runWriter(shop);
  await allCommitted(shop.bus);
  const dead = await deadRecords(shop.bus);
  expect(dead.map(({ value }) => value.length)).toEqual([900_150]);
  expect(header(dead[0] as never, 'boot')).toBe('b'.repeat(256));
  expect(await stored(shop.series, 'frame', 'a', CPU)).toHaveLength(1);
});

test('believes the headers of a frame that cannot be read only where they are as an agent writes them', async () => {
  await using shop = await openWorkshop();
  const [frame] = fleetFrames(['a'], 1) as [Outgoing];
  const odd = [{ boot: 'a\u0000b' }, { boot: 'b'.repeat(8_000) }, { node: 'a b' }, { seq: String(2 ** 53) }];
  const poisoned = odd.map((change) => ({
    ...frame,
    value: Uint8Array.of(0xff),
    headers: { ...frame.headers, ...change },
  }));
  await shop.bus.publish([...poisoned, frame]);
  await using _ = await runWriter(shop);
  await allCommitted(shop.bus);
  expect(await deadRecords(shop.bus)).toHaveLength(4);
  expect(await shop.ledger.custody.balance()).toMatchObject([{ node: 'a', sent: 1, stored: 1, dead: 0 }]);
});

test('a frame whose points the store refuses is dead-lettered, the others of its batch are stored', async () => {
  await using shop = await openWorkshop();
  // The embedded store refuses next to nothing: this one refuses the way a server does, by content.
  const picky: Series = {
    ...bound(shop.series),
    async write(points) {
      const isRefused = (timeMs: number) => timeMs === T0 + 30_000;
      await shop.series.write(points.filter(({ timeMs }) => !isRefused(timeMs)));
      const refused = points.flatMap(({ timeMs }, index) =>
        isRefused(timeMs) ? [{ index, reason: 'beyond retention' }] : [],
      );
      return { stored: points.length - refused.length, refused };
    },
  };
  const frames = fleetFrames(['a', 'b', 'c'], 5, 1);
  await shop.bus.publish(frames);
  await using writer = await runWriter({ ...shop, series: picky });
  await allCommitted(shop.bus);
  const dead = await deadRecords(shop.bus);
  expect(dead.map((record) => `${header(record, 'node')} ${header(record, 'seq')}`).toSorted()).toEqual([
    'a 3',
    'b 3',
    'c 3',
  ]);
  expect(header(dead[0] as never, 'reason')).toBe('beyond retention');
  for (const node of ['a', 'b', 'c']) expect(await stored(shop.series, 'frame', node, CPU)).toHaveLength(4);
  expect(isBalanced(await shop.ledger.custody.balance())).toBe(true);
  expect(writer.counters.value('writer_points_refused_total')).toBe(6);
});

test('commits nothing while the store is away, and loses nothing when it returns', async () => {
  await using shop = await openWorkshop();
  let isAway = true;
  let attempts = 0;
  const flaky: Series = {
    ...bound(shop.series),
    write(points) {
      attempts++;
      if (isAway) return Promise.reject(new StoreUnavailableError('away'));
      return shop.series.write(points);
    },
  };
  await shop.bus.publish(fleetFrames(['a', 'b'], 30));
  await using writer = await runWriter({ ...shop, series: flaky });
  await eventually(
    'some attempts',
    async () => attempts,
    (count) => count >= 3,
    5_000,
    10,
  );
  const offsets = await shop.bus.offsets('frames', 'writer');
  expect(offsets.every(({ committed }) => committed === null)).toBe(true);
  expect(await shop.ledger.custody.balance()).toEqual([]);
  expect(writer.app.problem()).toContain('away');
  isAway = false;
  await allCommitted(shop.bus);
  expect(writer.app.problem()).toBeNull();
  expect(await stored(shop.series, 'frame', 'a', CPU)).toHaveLength(30);
  expect(isBalanced(await shop.ledger.custody.balance())).toBe(true);
  expect(writer.counters.value('writer_errors_total', { stage: 'points' })).toBeGreaterThanOrEqual(3);
});

test('starts and stops while the store is away from the start, and creates it when it is there', async () => {
  await using shop = await openWorkshop();
  let isAway = true;
  const calls: string[] = [];
  const late: Series = {
    ...bound(shop.series),
    async prepare() {
      calls.push('prepare');
      if (isAway) throw new StoreUnavailableError('not there yet');
    },
    write(points) {
      calls.push('write');
      return shop.series.write(points);
    },
  };
  await shop.bus.publish(fleetFrames(['a'], 10));
  const first = await runWriter({ ...shop, series: late });
  await eventually(
    'an attempt',
    async () => calls,
    (made) => made.length > 0,
    5_000,
    10,
  );
  await first.app.stop();
  expect(new Set(calls)).toEqual(new Set(['prepare']));
  isAway = false;
  await using _ = await runWriter({ ...shop, series: late });
  await allCommitted(shop.bus);
  expect(calls.slice(-2)).toEqual(['prepare', 'write']);
});

test('stops at once while the store is away, and the next writer takes up where it was', async () => {
  await using shop = await openWorkshop();
  const away: Series = {
    ...bound(shop.series),
    write: () => Promise.reject(new StoreUnavailableError('away')),
  };
  await shop.bus.publish(fleetFrames(['a'], 10));
  const writer = await runWriter({ ...shop, series: away });
  await eventually(
    'a failure',
    async () => writer.counters.value('writer_errors_total', { stage: 'points' }),
    (count) => count >= 1,
    5_000,
    10,
  );
  const begunMs = Date.now();
  await writer.app.stop();
  expect(Date.now() - begunMs).toBeLessThan(1_000);
  await using next = await runWriter(shop);
  await allCommitted(shop.bus);
  expect(await stored(shop.series, 'frame', 'a', CPU)).toHaveLength(10);
  expect(next.counters.value('writer_points_stored_total')).toBe(10);
});

test('a store that refuses the request itself costs no frame: the batch comes again', async () => {
  await using shop = await openWorkshop();
  let refusals = 0;
  const locked: Series = {
    ...bound(shop.series),
    write(points) {
      if (refusals++ < 2) return Promise.reject(new StoreRefusedError('401: check influxToken'));
      return shop.series.write(points);
    },
  };
  await shop.bus.publish(fleetFrames(['a'], 10));
  await using writer = await runWriter({ ...shop, series: locked });
  await allCommitted(shop.bus, 9_000);
  expect(await stored(shop.series, 'frame', 'a', CPU)).toHaveLength(10);
  expect(await deadRecords(shop.bus)).toEqual([]);
  const count = (name: string, labels = {}) =>
    writer.counters.value(`writer_${name}_total`, { topic: 'frames', ...labels });
  expect(count('received')).toBe(count('sent') + count('discarded', { reason: 'comes again' }));
  expect(count('sent')).toBe(10);
});

test('a record that the ledger cannot hold is dead-lettered, once, and the others go on', async () => {
  await using shop = await openWorkshop();
  const custody: Custody = {
    ...shop.ledger.custody,
    async account(entries) {
      const isStrange = ({ node, from, to }: CustodyEntry) => node === 'b' && from <= 3 && to >= 3;
      if (entries.some(isStrange)) throw new LedgerRefusedError('cannot hold it');
      await shop.ledger.custody.account(entries);
    },
  };
  const { assessments } = shop.ledger;
  await shop.bus.publish(fleetFrames(['a', 'b', 'c'], 5));
  await using writer = await runWriter({ ...shop, ledger: { custody, assessments } });
  await allCommitted(shop.bus);
  const dead = await deadRecords(shop.bus);
  expect(dead.map((it) => ['node', 'seq', 'reason'].map((name) => header(it, name)))).toEqual([
    ['b', '3', 'cannot hold it'],
  ]);
  expect(decodeFrame(dead[0]?.value ?? new Uint8Array()).frame).toMatchObject({ node: 'b', sequence: 3 });
  expect(await shop.ledger.custody.balance()).toMatchObject([
    { node: 'a', sent: 5, stored: 5 },
    { node: 'b', sent: 5, stored: 4, dead: 0, inFlight: 1 },
    { node: 'c', sent: 5, stored: 5 },
  ]);
  const discarded = { topic: 'frames', reason: 'dead letter' };
  expect(writer.counters.value('writer_discarded_total', discarded)).toBe(1);
  expect(writer.counters.value('writer_sent_total', { topic: 'frames' })).toBe(14);
  expect(writer.app.problem()).toBeNull();
});

test('a dead letter that the bus takes in no larger form is cut to the least, and counts as dead', async () => {
  await using shop = await openWorkshop();
  const bus = withPublish(shop.bus, async (messages) => {
    const large = messages.find(({ topic, value }) => topic === 'dead' && value.length > 300_000);
    if (large) throw new MessageTooLargeError('the broker accepts less');
    await shop.bus.publish(messages);
  });
  const frames = fleetFrames(['a'], 3) as Outgoing[];
  const poisoned = { ...(frames[1] as Outgoing), value: new Uint8Array(500_000) };
  await shop.bus.publish([...frames.slice(0, 1), poisoned, ...frames.slice(2)]);
  await using _ = await runWriter({ ...shop, bus });
  await allCommitted(shop.bus);
  const [letter, ...others] = await deadRecords(shop.bus);
  expect(others).toEqual([]);
  expect(letter?.value.length).toBeLessThan(300_000);
  expect(header(letter as never, 'original-bytes')).toBe('500000');
  expect(await shop.ledger.custody.balance()).toMatchObject([
    { node: 'a', sent: 3, stored: 2, dead: 1, inFlight: 0 },
  ]);
});

test('what fails without a fault of its own comes again, and the writer says so; nothing of it is published meanwhile', async () => {
  await using shop = await openWorkshop();
  let isBroken = true;
  let failures = 0;
  const custody: Custody = {
    ...shop.ledger.custody,
    async account(entries) {
      const isHit = isBroken && entries.some(({ node }) => node === 'a');
      failures += isHit ? 1 : 0;
      if (isHit) throw new Error('no right to write');
      await shop.ledger.custody.account(entries);
    },
  };
  const other = ['b', 'c', 'd', 'e'].find((node) => partitionOf(node, 3) !== partitionOf('a', 3)) ?? '';
  const frames = fleetFrames(['a', other], 6) as Outgoing[];
  const poisoned = { ...(frames[2] as Outgoing), value: Uint8Array.of(0xff) };
  await shop.bus.publish([...frames.slice(0, 2), poisoned, ...frames.slice(3)]);
  const { assessments } = shop.ledger;
  await using writer = await runWriter({ ...shop, ledger: { custody, assessments } });
  await eventually(
    'some failures',
    async () => failures,
    (count) => count >= 4,
    5_000,
    10,
  );
  expect(writer.app.problem()).toBe(
    `the batch of frames/${partitionOf('a', 3)} comes again: no right to write`,
  );
  expect(await shop.ledger.custody.balance()).toMatchObject([{ node: other, stored: 6 }]);
  expect(await deadRecords(shop.bus)).toEqual([]);
  isBroken = false;
  await allCommitted(shop.bus);
  expect(await deadRecords(shop.bus)).toHaveLength(1);
  expect(await shop.ledger.custody.balance()).toMatchObject([
    { node: 'a', sent: 6, stored: 5, dead: 1 },
    { node: other, stored: 6 },
  ]);
  expect(writer.app.problem()).toBeNull();
});

test('rollup stores summaries, and a frame counts as stored with the summary that covers it', async () => {
  await using shop = await openWorkshop();
  const frames = fleetFrames(['a'], 6, 1);
  const { frame } = decodeFrame((frames[5] as Outgoing).value);
  await shop.bus.publish([...frames, summaryMessage(frame, [{ from: 1, to: 6 }])]);
  await using _ = await runWriter(shop, { resolution: 'rollup' });
  await allCommitted(shop.bus);
  expect(await stored(shop.series, 'frame', 'a', CPU)).toEqual([]);
  const [gpu, host] = await stored(shop.series, 'summary', 'a', [
    'gpu_power_watts_sd',
    'cpu_utilization_ratio',
  ]);
  expect(gpu).toMatchObject({ entity: 'gpu0', timeMs: T0 + 60_000 });
  expect(gpu?.values[0]).toBe(3);
  expect(host?.values[1]).toBeCloseTo(0.07, 1);
  expect(await shop.ledger.custody.balance()).toMatchObject([{ node: 'a', sent: 6, stored: 6, inFlight: 0 }]);
});

test('adaptive stores the means of core metrics, and every frame of the nodes under observation, back to before', async () => {
  await using shop = await openWorkshop();
  const [early, late] = [
    fleetFrames(['a', 'b'], 12, 1).slice(0, 12),
    fleetFrames(['a', 'b'], 12, 1).slice(12),
  ];
  const { frame } = decodeFrame((early[10] as Outgoing).value);
  await shop.bus.publish([...early, summaryMessage(frame, [{ from: 1, to: 6 }])]);
  await using writer = await runWriter(shop, { resolution: 'adaptive' });
  await allCommitted(shop.bus);
  expect(await stored(shop.series, 'frame', 'a', CPU)).toEqual([]);
  const fields = ['gpu_power_watts', 'gpu_power_watts_sd', 'gpu_temperature_celsius'];
  const [summary] = await stored(shop.series, 'summary', 'a', fields);
  expect(Array.from(summary?.values ?? [])).toEqual([expect.closeTo(72, -1), Number.NaN, Number.NaN]);

  const observe = (value: string): Outgoing => ({ topic: 'resolution', key: 'a', value: Buffer.from(value) });
  await shop.bus.publish([observe('{}')]);
  const frames = () => stored(shop.series, 'frame', 'a', CPU);
  await eventually('the backfill', frames, (points) => points.length === 6, 5_000, 10);
  await shop.bus.publish(late.slice(0, 6));
  await allCommitted(shop.bus);
  expect(await frames()).toHaveLength(9);
  expect(await stored(shop.series, 'frame', 'b', CPU)).toEqual([]);

  await shop.bus.publish([observe('')]);
  await sleep(100);
  await shop.bus.publish(late.slice(6));
  await allCommitted(shop.bus);
  expect(await frames()).toHaveLength(9);
  expect(writer.counters.value('writer_backfilled_points_total')).toBe(12);
});

test('a writer that starts with nodes under observation fetches what they sent before', async () => {
  await using shop = await openWorkshop();
  await shop.bus.publish(fleetFrames(['a', 'b'], 10));
  {
    await using _ = await runWriter(shop, { resolution: 'rollup' });
    await allCommitted(shop.bus);
  }
  await shop.bus.publish([{ topic: 'resolution', key: 'b', value: Buffer.from('{}') }]);
  await using _ = await runWriter(shop, { resolution: 'adaptive' });
  const frames = () => stored(shop.series, 'frame', 'b', CPU);
  expect(await eventually('the backfill', frames, (points) => points.length === 10, 5_000, 10)).toHaveLength(
    10,
  );
});

test('stores the numbers of an assessment, and of its later revision in their place', async () => {
  await using shop = await openWorkshop();
  const ground = (weight: number) => ({
    ...{ rule: 'envelope', metric: null, weight, observed: 1, expected: null, text: 'more than declared' },
  });
  const assessment = anAssessment({
    behaviours: { B0: 0.25, B4: 0.75 },
    conformity: 'deviates',
    reasons: [ground(2.5), ground(1)],
    counterReasons: [ground(-0.5)],
  });
  await shop.bus.publish([
    assessmentMessage(assessment),
    assessmentMessage({ ...assessment, behaviours: { B1: 1 } }),
    assessmentMessage({ ...assessment, grade: 'Z' as 'A' }),
    { ...assessmentMessage(assessment), value: Buffer.from('{') },
  ]);
  await using _ = await runWriter(shop);
  await allCommitted(shop.bus);
  const fields = [
    'behaviour_B1_ratio',
    'behaviour_B4_ratio',
    'conformity_ordinal',
    'grade_ordinal',
    'reasons_weight_nats',
  ];
  const points = await stored(shop.series, 'assessment', 'a', fields);
  expect(points.map(({ timeMs, values }) => [timeMs, ...Array.from(values)])).toEqual([
    [T0 + 60_000, 1, 0, 1, 2, 3.5],
  ]);
  expect(await deadRecords(shop.bus)).toHaveLength(2);
});

/** The methods of a store, for an object that replaces one of them. */
function bound(series: Series): Series {
  return {
    prepare: () => series.prepare(),
    write: (points) => series.write(points),
    read: (query) => series.read(query),
    check: () => series.check(),
    close: () => series.close(),
  };
}

/** The bus, publishing by another way. */
function withPublish(bus: Bus, publish: Bus['publish']): Bus {
  return {
    publish,
    ensure: (topics) => bus.ensure(topics),
    subscribe: (subscription) => bus.subscribe(subscription),
    replay: (topic, options, deliver) => bus.replay(topic, options, deliver),
    offsets: (topic, group) => bus.offsets(topic, group),
    close: () => bus.close(),
  };
}
