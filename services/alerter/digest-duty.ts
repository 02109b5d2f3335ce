import type { ChannelRegister } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import type { Channel } from './channel.ts';
import type { Duty, PlannedJob } from './duty.ts';

interface Payload {
  readonly channel: string;
  readonly fromMs: number;
}

const HOUR_MS = 3_600_000;
/** Deliveries that fail, named in a digest. */
const FAILING = 1_000;

/**
 * Tells each channel that takes digests what became of alerts in the period since its last one, at the full periods of
 * UTC. The ledger remembers until when a channel was told: what was missed comes in one digest later.
 */
export function digestDuty(
  { alerts, channels: register, outbox }: Ledger,
  channels: readonly Channel[],
  digestHours: number,
  { counters }: Surroundings,
): Duty {
  const periodMs = Math.round(digestHours * HOUR_MS);
  const receivers = periodMs === 0 ? [] : channels.filter(({ digest }) => digest !== undefined);
  const endAfter = (ms: number) => (Math.floor(ms / periodMs) + 1) * periodMs;
  return {
    name: 'digest',
    async plan(nowMs, untilMs) {
      if (periodMs === 0) await skip(register, channels, nowMs);
      const jobs: PlannedJob[] = [];
      for (const { name: channel } of receivers) {
        const fromMs = await register.digestedMs(channel);
        if (fromMs === null || endAfter(fromMs) >= untilMs) continue;
        const payload: Payload = { channel, fromMs };
        jobs.push({ key: `${fromMs}.${channel}`, runAtMs: endAfter(fromMs), payload });
      }
      return jobs;
    },
    async run(payload, nowMs) {
      const { channel, fromMs } = payload as Payload;
      const receiver = receivers.find(({ name }) => name === channel);
      const isDue = (await register.digestedMs(channel)) === fromMs && endAfter(fromMs) <= nowMs;
      if (!receiver?.digest || !isDue) return;
      const toMs = Math.floor(nowMs / periodMs) * periodMs;
      const [activity, failing] = await Promise.all([
        alerts.between(fromMs, toMs),
        outbox.deliveries({ failing: true, limit: FAILING }),
      ]);
      await receiver.digest({ ...activity, fromMs, toMs, failing });
      await register.digested(channel, toMs);
      counters.add('alerter_digests', { channel });
    },
  };
}

/** Without digests time passes all the same: the first one does not begin where the channel was first seen. */
async function skip(register: ChannelRegister, channels: readonly Channel[], nowMs: number): Promise<void> {
  for (const { name } of channels) {
    const digestedMs = await register.digestedMs(name);
    if (digestedMs !== null && nowMs - digestedMs > HOUR_MS) await register.digested(name, nowMs);
  }
}
