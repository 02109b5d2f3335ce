import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';

/** The channels, as the alerter reports them. */
export function channelContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  const mail = { name: 'mail', target: 'ops@example.org', reportedMs: 1_000 };
  const webhook = { name: 'webhook', target: 'hooks.example.org', reportedMs: 1_000 };

  test('knows the channels last reported', async () => {
    const [ledger, other] = ledgers();
    await ledger.channels.report([webhook, mail]);
    expect(await other.channels.list()).toEqual([mail, webhook]);
    const moved = { ...mail, target: 'night@example.org', reportedMs: 2_000 };
    await ledger.channels.report([moved]);
    expect(await other.channels.list()).toEqual([moved]);
    await ledger.channels.report([]);
    expect(await other.channels.list()).toEqual([]);
  });

  test('remembers until when a channel has got digests, over a restart and never backwards', async () => {
    const [ledger, other] = ledgers();
    expect(await ledger.channels.digestedMs('mail')).toBeNull();
    await ledger.channels.report([mail]);
    expect(await ledger.channels.digestedMs('mail')).toBe(1_000);
    await ledger.channels.digested('mail', 5_000);
    await other.channels.digested('mail', 4_000);
    await other.channels.report([{ ...mail, reportedMs: 9_000 }]);
    expect(await ledger.channels.digestedMs('mail')).toBe(5_000);
  });
}
