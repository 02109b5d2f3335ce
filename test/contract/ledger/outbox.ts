import { expect, test } from 'vitest';
import type { DeliveryFilter } from '#libs/ledger/alert-port.ts';
import type { OpenLedger } from '#libs/ledger/open.ts';
import { aFinding } from './samples.ts';

/** What people must be told, and whether each channel has got it. */
export function outboxContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  const closed = { status: 'closed', updatedMs: 9_000, closedMs: 9_000 } as const;

  /** An alert that opened and resolved: two notices, addressed to these. */
  async function twoNotices(...channels: string[]): Promise<readonly [string, string, alert: string]> {
    const [ledger] = ledgers();
    const step = await ledger.alerts.take(aFinding(closed));
    const [opened = '', resolved = ''] = step?.notices ?? [];
    for (const id of [opened, resolved]) await ledger.outbox.address(id, channels, 50);
    return [opened, resolved, step?.alert.id ?? ''];
  }

  test('counts attempts, keeps the first acknowledgement and the newest error', async () => {
    const [ledger, other] = ledgers();
    const [id] = await twoNotices('webhook');
    await ledger.outbox.attempted(id, 'webhook', 100, 'refused');
    expect(await other.outbox.deliveries({ notice: id })).toMatchObject([
      { channel: 'webhook', event: 'opened', attempts: 1, deliveredMs: null, lastError: 'refused' },
    ]);
    expect(await other.outbox.deliveries({ failing: true })).toHaveLength(1);
    await ledger.outbox.attempted(id, 'webhook', 200, null);
    await ledger.outbox.attempted(id, 'webhook', 300, null);
    expect(await other.outbox.deliveries({ notice: id })).toMatchObject([
      { attempts: 3, deliveredMs: 200, lastError: null },
    ]);
    expect(await other.outbox.find(id)).toMatchObject({ deliveredMs: 200 });
    expect(await other.outbox.deliveries({ failing: true })).toEqual([]);
    expect(await other.outbox.find('unknown')).toBeNull();
  });

  test('holds a notice for delivered once every channel has it, even if two acknowledge at once', async () => {
    const [ledger, other] = ledgers();
    const [id] = await twoNotices('mail', 'webhook');
    await ledger.outbox.attempted(id, 'mail', 100, null);
    expect(await ledger.outbox.find(id)).toMatchObject({ deliveredMs: null });
    await other.outbox.attempted(id, 'webhook', 200, null);
    expect(await ledger.outbox.find(id)).toMatchObject({ deliveredMs: 200 });
    for (let round = 0; round < 8; round++) {
      const step = await ledger.alerts.take(aFinding({ id: `r${round}`, cause: `c${round}` }));
      const [both = ''] = step?.notices ?? [];
      await ledger.outbox.address(both, ['mail', 'webhook'], 300);
      await Promise.all([
        ledger.outbox.attempted(both, 'mail', 400, null),
        other.outbox.attempted(both, 'webhook', 400, null),
      ]);
      expect(await ledger.outbox.find(both)).toMatchObject({ deliveredMs: 400 });
    }
  });

  test('names the next notice of an alert for each channel, one event after the other', async () => {
    const [ledger, other] = ledgers();
    const [opened, resolved, alert] = await twoNotices('mail', 'webhook');
    await ledger.outbox.attempted(opened, 'mail', 100, null);
    expect(await other.outbox.next(alert, 'mail')).toMatchObject({ id: resolved });
    expect(await other.outbox.next(alert, 'webhook')).toMatchObject({ id: opened });
    await ledger.outbox.attempted(resolved, 'mail', 200, null);
    expect(await other.outbox.next(alert, 'mail')).toBeNull();
    expect((await other.outbox.pending(10)).map(({ id }) => id)).toEqual([opened, resolved]);
  });

  test('counts by channel what waits, and names the first of each alert for each channel', async () => {
    const [ledger, other] = ledgers();
    expect(await other.outbox.waiting()).toEqual(new Map());
    const [opened, resolved] = await twoNotices('mail', 'webhook');
    const step = await ledger.alerts.take(aFinding({ id: 'f2', cause: 'another' }));
    const [another = ''] = step?.notices ?? [];
    await ledger.outbox.address(another, ['webhook'], 50);
    await ledger.outbox.attempted(opened, 'mail', 100, null);
    expect(await other.outbox.waiting()).toEqual(
      new Map([
        ['mail', 1],
        ['webhook', 3],
      ]),
    );
    const first = async (filter: DeliveryFilter) =>
      (await other.outbox.deliveries({ ...filter, first: true })).map(({ notice }) => notice);
    expect(await first({ channel: 'mail' })).toEqual([resolved]);
    expect(await first({ channel: 'webhook' })).toEqual([opened, another]);
    expect(await first({ channel: 'webhook', alert: step?.alert.id ?? '' })).toEqual([another]);
    expect(await first({ channel: 'webhook', limit: 1 })).toEqual([opened]);
  });

  test('lets no channel pass a notice that nobody is addressed with yet', async () => {
    const [ledger, other] = ledgers();
    const step = await ledger.alerts.take(aFinding(closed));
    const [opened = '', resolved = ''] = step?.notices ?? [];
    await ledger.outbox.address(resolved, ['webhook'], 50);
    expect(await other.outbox.next(step?.alert.id ?? '', 'webhook')).toMatchObject({ id: opened });
    expect((await other.outbox.unaddressed(10)).map(({ id }) => id)).toEqual([opened]);
  });

  test('keeps the deliveries of a notice that is addressed again', async () => {
    const [ledger, other] = ledgers();
    const [id] = await twoNotices('webhook');
    await ledger.outbox.attempted(id, 'webhook', 100, null);
    await other.outbox.address(id, ['webhook'], 200);
    expect(await other.outbox.deliveries({ notice: id })).toMatchObject([{ attempts: 1, deliveredMs: 100 }]);
    expect(await other.outbox.find(id)).toMatchObject({ deliveredMs: 100 });
  });

  test('closes a notice that is addressed to nobody, and opens it again for somebody', async () => {
    const [ledger, other] = ledgers();
    const step = await ledger.alerts.take(aFinding({ severity: 'low' }));
    const [id = ''] = step?.notices ?? [];
    await ledger.outbox.address(id, [], 100);
    expect(await other.outbox.find(id)).toMatchObject({ deliveredMs: 100 });
    expect(await other.outbox.unaddressed(10)).toEqual([]);
    expect(await other.outbox.untold(['high'])).toEqual([]);
    expect(await other.outbox.untold(['low', 'high'])).toMatchObject([{ id }]);
    await ledger.outbox.address(id, ['webhook'], 200);
    expect(await other.outbox.untold(['low'])).toEqual([]);
    expect(await other.outbox.find(id)).toMatchObject({ deliveredMs: null });
  });

  test('gives up what waits for a channel that is there no more, and says so', async () => {
    const [ledger, other] = ledgers();
    const [opened, resolved] = await twoNotices('mail', 'webhook');
    await ledger.outbox.attempted(opened, 'mail', 100, null);
    await ledger.outbox.withdraw(['webhook'], 200, 'mail is no channel any more');
    expect(await other.outbox.deliveries({ channel: 'mail' })).toMatchObject([
      { notice: opened, deliveredMs: 100, lastError: null },
      { notice: resolved, deliveredMs: 200, lastError: 'mail is no channel any more', attempts: 0 },
    ]);
    expect(await other.outbox.deliveries({ waiting: true })).toHaveLength(2);
    await ledger.outbox.withdraw([], 300, 'no channel');
    expect(await other.outbox.pending(10)).toEqual([]);
  });

  test('names what a channel was told of alerts that go on', async () => {
    const [ledger, other] = ledgers();
    const told = await ledger.alerts.take(aFinding());
    const [id = ''] = told?.notices ?? [];
    await ledger.outbox.address(id, ['mail', 'webhook'], 50);
    await ledger.outbox.attempted(id, 'mail', 100, null);
    expect(await other.outbox.standing('webhook')).toEqual([]);
    expect(await other.outbox.standing('mail')).toMatchObject([{ id, event: 'opened' }]);
    await ledger.alerts.take(aFinding(closed));
    expect(await other.outbox.standing('mail')).toEqual([]);
  });

  test('ignores an outcome of a delivery that nobody asked for', async () => {
    const [ledger] = ledgers();
    const step = await ledger.alerts.take(aFinding());
    const [id = ''] = step?.notices ?? [];
    await ledger.outbox.attempted(id, 'webhook', 100, null);
    expect(await ledger.outbox.unaddressed(10)).toMatchObject([{ id }]);
  });
}
