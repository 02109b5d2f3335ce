import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '#libs/runtime/app.ts';
import type { AlerterPorts, AlerterSettings } from '#services/alerter/app.ts';
import type { Channel } from '#services/alerter/channel.ts';
import { eventually } from '#test/support/eventually.ts';
import { Notebook } from './notebook.ts';
import { aFinding, closed, createWorld, type World } from './world.ts';

const HOUR = 1 / 3_600_000;

let world: World;
let mail: Notebook;
let running: App | undefined;

beforeEach(async () => {
  world = await createWorld();
  mail = new Notebook('mail');
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await world[Symbol.asyncDispose]();
});

async function run(
  settings: Partial<AlerterSettings> = {},
  ports: Partial<AlerterPorts> = {},
): Promise<void> {
  const alerter = world.alerter(settings, { channels: [mail], ...ports });
  running = alerter;
  await alerter.start();
}

const becomes = <T>(what: string, ask: () => T, expected: T) =>
  eventually(
    what,
    async () => ask(),
    (answer) => JSON.stringify(answer) === JSON.stringify(expected),
    8_000,
    20,
  );
const eventsBecome = (...expected: string[]) => becomes('events', () => mail.events, expected);
const alertOf = async (cause?: string) => {
  const alerts = await world.ledger.alerts.alerts();
  const alert = cause === undefined ? alerts[0] : alerts.find((one) => one.cause === cause);
  if (!alert) throw new Error('expected an alert');
  return alert;
};
const failing = () => world.ledger.outbox.deliveries({ failing: true });

/** Notices of alerts of their own that wait for a channel, without jobs; those written later are newer. */
async function waitFor(channel: string, count: number): Promise<void> {
  const { database } = world.ledger;
  const createdMs = Date.now();
  const notices = Array.from({ length: count }, (_, index) => ({
    ...{ id: `${channel}-n${index}`, alert: `${channel}-${index}`, event: 'opened', body: '{}' },
    ...{ createdMs, deliveredMs: null },
  }));
  const deliveries = notices.map(({ id }) => ({
    ...{ notice: id, channel, attempts: 0, deliveredMs: null, lastError: null },
  }));
  for (let at = 0; at < count; at += 1_000) {
    await database
      .insertInto('notice')
      .values(notices.slice(at, at + 1_000))
      .execute();
    await database
      .insertInto('delivery')
      .values(deliveries.slice(at, at + 1_000))
      .execute();
  }
}

describe('channels', () => {
  test('are told each by itself, in order, and one that is away holds up nobody', async () => {
    const pager = new Notebook('pager');
    pager.isAway = true;
    await run({}, { channels: [mail, pager] });
    await world.publish(aFinding(), closed(aFinding()));
    await eventsBecome('opened', 'resolved');
    await eventually('a failure', failing, (list) => list.length > 0, 5_000, 20);
    expect(await failing()).toMatchObject([
      { channel: 'pager', event: 'opened', lastError: 'pager is away' },
    ]);
    pager.isAway = false;
    await becomes('the pager is told', () => pager.events, ['opened', 'resolved']);
    expect(mail.events).toEqual(['opened', 'resolved']);
  });

  test('that are away with thousands of notices take no place of others, whose lost jobs are put back', async () => {
    const away = new Notebook('mail');
    away.isAway = true;
    const pager = new Notebook('pager');
    await waitFor('mail', 5_001);
    await waitFor('pager', 1);
    await run({ deliveryBackoffMs: 60_000 }, { channels: [away, pager] });
    await becomes('the pager is told', () => pager.told.map(({ alert }) => alert), ['pager-0']);
    await eventually('mail is tried', failing, (list) => list.length > 0, 8_000, 20);
    expect(world.counters.value('alerter_pending_notices', {})).toBeGreaterThanOrEqual(5_001);
  }, 30_000);

  test('that do not answer hold up no others', async () => {
    const answer = Promise.withResolvers<void>();
    const mute: Channel = { name: 'mute', target: 'nobody', deliver: () => answer.promise };
    await run({ deliveryConcurrency: 1 }, { channels: [mute, mail] });
    await world.publish(aFinding(), aFinding({ id: 'f2', cause: 'another' }));
    await eventsBecome('opened', 'opened');
    answer.resolve();
  });

  test('that are back get everything at once, each alert in its order', async () => {
    mail.isAway = true;
    await run({ deliveryBackoffMs: 2_000 });
    const findings = Array.from({ length: 12 }, (_, index) =>
      aFinding({ id: `f${index}`, cause: `c${index}` }),
    );
    await world.publish(...findings, ...findings.map(closed));
    await eventually('all tried', failing, (list) => list.length === 12, 8_000, 20);
    mail.isAway = false;
    await becomes('all told', () => mail.told.length, 24);
    for (const [, notices] of Map.groupBy(mail.told, ({ alert }) => alert))
      expect(notices.map(({ event }) => event)).toEqual(['opened', 'resolved']);
  });

  test('are registered at the start, and what waits for one that is gone is given up with the reason', async () => {
    mail.isAway = true;
    await run();
    expect(await world.ledger.channels.list()).toMatchObject([{ name: 'mail', target: 'a notebook' }]);
    await world.publish(aFinding());
    await eventually(
      'a try',
      () => world.ledger.outbox.deliveries({ failing: true }),
      (it) => it.length > 0,
      5_000,
      20,
    );
    await running?.stop();
    await run({}, { channels: [] });
    expect(await world.ledger.channels.list()).toEqual([]);
    expect(await world.ledger.outbox.pending(10)).toEqual([]);
    const [delivery] = await world.ledger.outbox.deliveries({});
    expect(delivery?.lastError).toMatch(/not set any more/);
  });

  test('set later are told of what is still open, and not of what is over', async () => {
    await run({}, { channels: [] });
    await world.publish(
      aFinding({ id: 'f1', cause: 'a' }),
      aFinding({ id: 'f2', cause: 'b' }),
      closed(aFinding({ id: 'f2', cause: 'b' })),
    );
    await eventually(
      'closed',
      () => world.ledger.outbox.list(),
      (it) => it.length === 3 && it.every(({ deliveredMs }) => deliveredMs),
      5_000,
      20,
    );
    await running?.stop();
    await run();
    await eventsBecome('opened');
    expect(mail.told[0]?.alert).toBe((await alertOf('a')).id);
  });

  test('hear of an alert below notifyFrom only once it has grown grave enough, and then of its end', async () => {
    await run({ notifyFrom: 'high' });
    await world.publish(aFinding());
    await eventually(
      'closed',
      () => world.ledger.outbox.list(),
      (it) => it.some(({ deliveredMs }) => deliveredMs !== null),
      5_000,
      20,
    );
    expect(mail.told).toEqual([]);
    await world.publish(aFinding({ id: 'f2', node: 'n2', severity: 'high' }));
    await eventsBecome('opened');
    await world.publish(closed(aFinding()), closed(aFinding({ id: 'f2', node: 'n2', severity: 'high' })));
    await eventsBecome('opened', 'resolved');
  });

  test('that were never told of an alert do not hear of its end', async () => {
    await run({ notifyFrom: 'high' });
    await world.publish(aFinding(), closed(aFinding()));
    await eventually(
      'both closed',
      () => world.ledger.outbox.list(),
      (it) => it.length === 2 && it.every(({ deliveredMs }) => deliveredMs),
      5_000,
      20,
    );
    expect(mail.told).toEqual([]);
  });

  test('that forget are told again of alerts that go on, without another attempt on record', async () => {
    const manager = new Notebook('alertmanager', 300);
    await run({ sweepMs: 100 }, { channels: [manager] });
    await world.publish(aFinding());
    await eventually(
      'repeats',
      async () => manager.told.length,
      (count) => count >= 4,
      8_000,
      20,
    );
    expect(new Set(manager.told.map(({ id }) => id)).size).toBe(1);
    expect(await world.ledger.outbox.deliveries({})).toMatchObject([{ attempts: 1 }]);
    await world.publish(closed(aFinding()));
    await becomes('the end', () => manager.events.at(-1), 'resolved');
    const told = manager.told.length;
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(manager.told.length).toBe(told);
    expect(
      world.counters.value('alerter_deliveries_total', { outcome: 'kept alive', channel: 'alertmanager' }),
    ).toBeGreaterThanOrEqual(3);
  });
});

describe('a digest', () => {
  test('tells of every alert exactly once, in periods that meet, over a restart', async () => {
    await run({ digestHours: 700 * HOUR });
    await world.publish(aFinding({ id: 'f1', cause: 'a', severity: 'low' }));
    await eventually(
      'a digest',
      async () => mail.digests.flatMap(({ opened }) => opened).length,
      (count) => count === 1,
      8_000,
      20,
    );
    await running?.stop();
    await world.publish(closed(aFinding({ id: 'f1', cause: 'a', severity: 'low' })));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await run({ digestHours: 700 * HOUR });
    await eventually(
      'its end',
      async () => mail.digests.flatMap(({ resolved }) => resolved).length,
      (count) => count === 1,
      8_000,
      20,
    );
    await running?.stop();
    running = undefined;
    mail.digests.reduce((former, next) => {
      expect(next.fromMs).toBe(former.toMs);
      return next;
    });
    expect(mail.digests.flatMap(({ opened }) => opened)).toHaveLength(1);
    expect(mail.digests.flatMap(({ resolved }) => resolved)).toHaveLength(1);
    expect(mail.digests.find(({ opened }) => opened.length > 0)?.open).toMatchObject([{ severity: 'low' }]);
  });

  test('does not reach back to the time when digests were off', async () => {
    const longAgo = Date.now() - 40 * 3_600_000;
    await world.ledger.channels.report([{ name: 'mail', target: 'a notebook', reportedMs: longAgo }]);
    await run();
    const nextBegin = () => world.ledger.channels.digestedMs('mail');
    await eventually('time passes', nextBegin, (ms) => Date.now() - (ms ?? 0) < 60_000, 5_000, 20);
  });

  test('is tried again until it has arrived', async () => {
    mail.isAway = true;
    await run({ digestHours: 400 * HOUR, deliveryBackoffMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 900));
    mail.isAway = false;
    await eventually(
      'a digest',
      async () => mail.digests.length,
      (count) => count >= 1,
      8_000,
      20,
    );
  });
});
