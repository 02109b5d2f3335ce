import type { AlertChange, SilenceBook } from '#libs/ledger/alert-port.ts';
import type { Duty } from './duty.ts';

/** Brings alerts into line with silences when one begins or ends. */
export function silenceDuty(
  silences: SilenceBook,
  changed: (changes: readonly AlertChange[]) => Promise<void>,
): Duty {
  return {
    name: 'settle',
    async plan(nowMs, untilMs) {
      const listed = await silences.list(nowMs);
      const boundaries = listed
        .filter(({ endedMs }) => endedMs === null)
        .flatMap((silence) => [silence.fromMs, silence.untilMs])
        .filter((ms) => nowMs < ms && ms < untilMs);
      return [...new Set(boundaries)].map((ms) => ({ key: String(ms), runAtMs: ms, payload: null }));
    },
    async run(_payload, nowMs) {
      await changed(await silences.settle(nowMs));
    },
  };
}
