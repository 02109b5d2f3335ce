import type { Outbox } from '#libs/ledger/alert-port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import type { Channel } from './channel.ts';
import type { Duty } from './duty.ts';

interface Payload {
  readonly channel: string;
}

/**
 * Tells channels that forget again of the alerts that go on: the same notice under the same key, no new attempt. One
 * that fails is left to the next round.
 */
export function repeatDuty(
  outbox: Outbox,
  channels: readonly Channel[],
  { counters, log }: Surroundings,
): Duty {
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  return {
    name: 'repeat',
    plan: async (nowMs, untilMs) =>
      channels.flatMap(({ name, repeatMs }) => {
        if (repeatMs === undefined) return [];
        const rounds = roundsBetween(nowMs, untilMs, repeatMs);
        return rounds.map((ms) => ({
          key: `${ms}.${name}`,
          runAtMs: ms,
          payload: { channel: name } satisfies Payload,
        }));
      }),
    async run(payload) {
      const channel = byName.get((payload as Payload).channel);
      if (!channel) return;
      for (const { alert } of await outbox.standing(channel.name)) {
        // Looked up again: its end may have been told while the others were.
        const [notice] = await outbox.standing(channel.name, alert);
        if (!notice || (await outbox.next(alert, channel.name)) !== null) continue;
        try {
          await channel.deliver(notice);
          counters.add('alerter_deliveries', { outcome: 'kept alive', channel: channel.name });
        } catch (err) {
          counters.add('alerter_deliveries', { outcome: 'not kept alive', channel: channel.name });
          log.warn({ err, notice: notice.id, channel: channel.name }, 'an alert was not told again');
          return;
        }
      }
    },
  };
}

/** The next one, and what else falls before `untilMs`. */
function roundsBetween(nowMs: number, untilMs: number, repeatMs: number): readonly number[] {
  const first = (Math.floor(nowMs / repeatMs) + 1) * repeatMs;
  const count = Math.max(1, Math.ceil((untilMs - first) / repeatMs));
  return Array.from({ length: count }, (_, index) => first + index * repeatMs);
}
