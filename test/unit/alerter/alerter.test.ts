import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Jobs } from '#libs/jobs/port.ts';
import type { Notice } from '#libs/ledger/alert-port.ts';
import type { App } from '#libs/runtime/app.ts';
import { JobsUnavailableError, LedgerUnavailableError } from '#libs/runtime/errors.ts';
import { signatureOf } from '#services/alerter/channels/webhook.ts';
import { eventually } from '#test/support/eventually.ts';
import {
  aFinding,
  closed,
  createWorld,
  messageOf,
  ScriptedReceiver,
  type World,
  webhookTo,
} from './world.ts';

let world: World;
let receiver: ScriptedReceiver;
let running: App | undefined;

beforeEach(async () => {
  world = await createWorld();
  receiver = await new ScriptedReceiver().open();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await receiver[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function run(alerter: App): Promise<void> {
  running = alerter;
  await alerter.start();
}

const told = () => ({ channels: [webhookTo(receiver.url)] });
const notices = () => world.ledger.outbox.list();
const deliveries = () => world.ledger.outbox.deliveries({});
const noticesBecome = (good: (notices: readonly Notice[]) => boolean) =>
  eventually('notices', notices, good, 8_000, 20);
const allDelivered = (count: number) => (list: readonly Notice[]) =>
  list.length === count && list.every(({ deliveredMs }) => deliveredMs !== null);
const resolutionBecomes = (good: (nodes: ReadonlyMap<string, string>) => boolean) =>
  eventually('resolution', world.resolution, good, 5_000, 50);

describe('the alerter', () => {
  test('tells the receiver once that an alert opened, and once that it resolved', async () => {
    await run(world.alerter({}, told()));
    await world.publish(aFinding(), aFinding({ node: 'n2' }), aFinding());
    await noticesBecome(allDelivered(1));
    await world.publish(closed(aFinding()), closed(aFinding({ node: 'n2' })));
    await noticesBecome(allDelivered(2));
    expect(receiver.events).toEqual(['opened', 'resolved']);
    expect(receiver.calls.map(({ key }) => key)).toEqual((await notices()).map(({ id }) => id));
    expect(
      world.counters.value('alerter_deliveries_total', { outcome: 'acknowledged', channel: 'webhook' }),
    ).toBe(2);
  });

  test('sends the body of the notice as JSON, signed where a secret is set', async () => {
    const webhookSecret = 'a secret of the test';
    await run(world.alerter({}, { channels: [webhookTo(receiver.url, webhookSecret)] }));
    await world.publish(aFinding());
    const [notice] = await noticesBecome(allDelivered(1));
    const [call] = receiver.calls;
    expect(call?.body).toBe(notice?.body);
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'davylamp-signature': signatureOf(notice?.body ?? '', webhookSecret),
    });
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      event: 'opened',
      alert: { id: notice?.alert, nodes: ['n1'], summary: 'deviation on n1 at hall-1' },
      findings: [
        { id: 'f-n1', reasons: [{ text: 'above its peers' }], unseen: ['what runs between two samples'] },
      ],
    });
  });

  test('repeats a notice under the same key until the receiver acknowledges', async () => {
    receiver.script.push(
      (response) => response.writeHead(503).end('busy'),
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      (response) => void response.destroy(),
      () => undefined, // stalls until the time is up
    );
    await run(world.alerter({}, told()));
    await world.publish(aFinding());
    const [notice] = await noticesBecome(allDelivered(1));
    expect(new Set(receiver.calls.map(({ key }) => key))).toEqual(new Set([notice?.id]));
    expect(receiver.calls).toHaveLength(5);
    expect(await deliveries()).toMatchObject([{ channel: 'webhook', attempts: 5, lastError: null }]);
  });

  test('shows why a notice is not delivered, without the address’s secret, and delivers it later', async () => {
    const { port, url } = receiver;
    await receiver[Symbol.asyncDispose]();
    await run(world.alerter({}, { channels: [webhookTo(url)] }));
    await world.publish(aFinding());
    const [delivery] = await eventually(
      'two attempts',
      deliveries,
      ([first]) => (first?.attempts ?? 0) >= 2,
      8_000,
      20,
    );
    expect(delivery).toMatchObject({ deliveredMs: null });
    expect(delivery?.lastError).toMatch(new RegExp(`^127.0.0.1:${port}: .*ECONNREFUSED`));
    receiver = await new ScriptedReceiver().open(port);
    await noticesBecome(allDelivered(1));
    expect(receiver.events).toEqual(['opened']);
  });

  test('tells of the end of an alert only after its beginning', async () => {
    for (let index = 0; index < 4; index++) receiver.script.push((response) => response.writeHead(500).end());
    await run(world.alerter({}, told()));
    await world.publish(aFinding(), closed(aFinding()));
    await noticesBecome(allDelivered(2));
    expect(receiver.events).toEqual(['opened', 'opened', 'opened', 'opened', 'opened', 'resolved']);
  });

  test('closes a notice, and says so, when there is nobody to tell', async () => {
    await run(world.alerter());
    await world.publish(aFinding());
    await noticesBecome(allDelivered(1));
    expect(await deliveries()).toEqual([]);
    expect(world.counters.value('alerter_deliveries_total', { outcome: 'nobody' })).toBe(1);
  });

  test('lays aside what is no finding, with the reason, and goes on', async () => {
    await run(world.alerter({}, told()));
    const bytes = (text: string) => new TextEncoder().encode(text);
    await world.bus.publish([
      { ...messageOf(aFinding()), value: bytes('{"id":') },
      { ...messageOf(aFinding()), value: bytes(JSON.stringify({ ...aFinding(), severity: 'dreadful' })) },
      { ...messageOf(aFinding()), headers: { type: 'frame' } },
      messageOf(aFinding()),
    ]);
    await noticesBecome(allDelivered(1));
    const reasons: string[] = [];
    await world.bus.replay('dead', {}, async ({ records }) => {
      for (const { headers } of records) reasons.push(new TextDecoder().decode(headers.reason));
    });
    expect(reasons).toEqual([
      expect.stringContaining('expected JSON'),
      expect.stringContaining('severity'),
      'header type: expected finding, got frame',
    ]);
    expect(world.counters.value('alerter_dead_lettered_total')).toBe(3);
  });

  test('stores every frame of the nodes that an open alert concerns, and no longer', async () => {
    await run(world.alerter({}, told()));
    await world.publish(aFinding(), aFinding({ node: 'n2' }), aFinding({ node: 'n3', severity: 'info' }));
    await resolutionBecomes((nodes) => nodes.get('n1') === '1' && nodes.get('n2') === '1');
    await world.publish(closed(aFinding()), closed(aFinding({ node: 'n2' })));
    await resolutionBecomes((nodes) => nodes.get('n1') === '' && nodes.get('n2') === '');
    expect((await world.resolution()).has('n3')).toBe(false);
  });

  test('mends the resolution topic after a crash between the ledger and the bus', async () => {
    await world.ledger.alerts.take(aFinding({ node: 'n1' }));
    await world.bus.publish([
      { topic: 'resolution', key: 'left-behind', value: new TextEncoder().encode('1') },
    ]);
    await run(world.alerter({}, told()));
    await resolutionBecomes((nodes) => nodes.get('n1') === '1' && nodes.get('left-behind') === '');
  });

  test('delivers what the ledger knows when the job store has lost everything', async () => {
    receiver.script.push((response) => response.writeHead(500).end());
    await run(world.alerter({ deliveryBackoffMs: 600_000 }, told()));
    await world.publish(aFinding());
    await eventually('an attempt', deliveries, ([first]) => first?.attempts === 1, 8_000, 20);
    await world.ledger.database.deleteFrom('job').execute();
    await noticesBecome(allDelivered(1));
    expect(receiver.events).toEqual(['opened', 'opened']);
  });

  test('goes on taking findings while the job store is away, and delivers when it is back', async () => {
    let isAway = true;
    const schedule: Jobs['schedule'] = async (job) => {
      if (isAway) throw new JobsUnavailableError('away');
      await world.jobs.schedule(job);
    };
    await run(world.alerter({}, { ...told(), jobs: { ...world.jobs, schedule } }));
    await world.publish(aFinding());
    await noticesBecome((list) => list.length === 1);
    await eventually('committed', () => world.bus.offsets('findings', 'alerter'), committedAll, 5_000, 50);
    isAway = false;
    await noticesBecome(allDelivered(1));
    expect(receiver.events).toEqual(['opened']);
  });

  test('takes a finding again whose transaction failed, and commits no offset before', async () => {
    const committed: (number | null | undefined)[] = [];
    const take: typeof world.ledger.alerts.take = async (finding) => {
      const partitions = await world.bus.offsets('findings', 'alerter');
      committed.push(partitions.find(({ next }) => next > 0)?.committed);
      if (committed.length <= 2) throw new LedgerUnavailableError('away');
      return await world.ledger.alerts.take(finding);
    };
    const ledger = { ...world.ledger, alerts: { ...world.ledger.alerts, take } };
    await run(world.alerter({}, { ...told(), ledger }));
    await world.publish(aFinding());
    await noticesBecome(allDelivered(1));
    expect(committed).toEqual([null, null, null]);
    expect(world.counters.value('alerter_errors_total', { stage: 'intake' })).toBe(2);
  });

  test('counts a delivery that it could not record, and repeats it under the same key', async () => {
    let failures = 1;
    const attempted: typeof world.ledger.outbox.attempted = async (...outcome) => {
      if (failures-- > 0) throw new LedgerUnavailableError('away');
      await world.ledger.outbox.attempted(...outcome);
    };
    const ledger = { ...world.ledger, outbox: { ...world.ledger.outbox, attempted } };
    await run(world.alerter({}, { ...told(), ledger }));
    await world.publish(aFinding());
    const [notice] = await noticesBecome(allDelivered(1));
    expect(receiver.calls.map(({ key }) => key)).toEqual([notice?.id, notice?.id]);
    expect(world.counters.render()).toContain(
      'davylamp_alerter_deliveries_total{outcome="unrecorded",channel="webhook"} 1',
    );
  });

  test('says the same when everything is read again from the beginning', async () => {
    const stream = [
      aFinding(),
      aFinding({ node: 'n2' }),
      closed(aFinding()),
      closed(aFinding({ node: 'n2' })),
    ];
    await run(world.alerter({}, told()));
    await world.publish(...stream);
    await noticesBecome(allDelivered(2));
    const before = await world.ledger.alerts.alerts();
    await world.publish(...stream);
    await eventually('committed', () => world.bus.offsets('findings', 'alerter'), committedAll, 5_000, 50);
    expect(await world.ledger.alerts.alerts()).toEqual(before);
    expect(receiver.events).toEqual(['opened', 'resolved']);
  });
});

const committedAll = (partitions: readonly { next: number; committed: number | null }[]) =>
  partitions.every(({ next, committed }) => next === (committed ?? 0));
