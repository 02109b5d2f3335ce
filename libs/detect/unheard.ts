import type { Heartbeat } from '#libs/model/assessment.ts';
import type { DetectParameters } from './parameters.ts';
import { UNSEEN_WHEN_SILENT } from './unseen.ts';
import { against, type Draft, head, type Subject } from './verdict.ts';

type Silence = Exclude<Heartbeat, 'present'>;

/**
 * What a node's silence is to be called now; null: nothing is due.
 * @param ticks since its last frame
 */
export function silenceDue(
  ticks: number,
  { missedTicks, blindTicks, silentTicks, silentHourTicks }: DetectParameters,
): Silence | null {
  if (ticks < missedTicks) return null;
  const every = ticks < blindTicks + silentHourTicks ? silentTicks : silentHourTicks;
  const due = ticks === missedTicks || ticks === blindTicks || (ticks - blindTicks) % every === 0;
  if (!due) return null;
  return ticks < blindTicks ? 'missed' : 'blind';
}

/** The verdict over a node that is silent: nothing of what it did before is asserted again. */
export function assessSilence(
  subject: Subject,
  heartbeat: Silence,
  ticks: number,
  parameters: DetectParameters,
): Draft {
  const limit = heartbeat === 'blind' ? parameters.blindTicks : parameters.missedTicks;
  return {
    ...head(subject),
    behaviours: heartbeat === 'blind' ? { B12: 1 } : { B13: 1 },
    logOdds: null,
    conformity: 'cannot tell',
    grade: 'D',
    heartbeat,
    coverageRatio: 0,
    reasons: [
      {
        rule: 'heartbeat',
        metric: null,
        weight: heartbeat === 'blind' ? parameters.weightCap : 1,
        observed: ticks,
        expected: limit,
        text: `no frame arrived for ${ticks} ticks of the stream's own clock; from ${limit} on the node counts as ${heartbeat}`,
      },
    ],
    counterReasons: [against('A network fault, maintenance or a stopped agent looks the same.')],
    onset: null,
    unseen: UNSEEN_WHEN_SILENT,
  };
}

/** The verdict over a frame whose device time is ahead of its receive time: its values are not used. */
export function assessClock(subject: Subject, aheadMs: number, parameters: DetectParameters): Draft {
  return {
    ...head(subject),
    behaviours: { B13: 1 },
    logOdds: null,
    conformity: 'cannot tell',
    grade: 'X',
    heartbeat: 'present',
    coverageRatio: 0,
    reasons: [
      {
        rule: 'clock',
        metric: null,
        weight: parameters.weightCap,
        observed: aheadMs / 1000,
        expected: parameters.clockAheadMs / 1000,
        text: `the device's clock was ${(aheadMs / 1000).toFixed(0)} s ahead of the time at which its frame was received`,
      },
    ],
    counterReasons: [against('A machine without time synchronisation looks the same.')],
    onset: null,
    unseen: UNSEEN_WHEN_SILENT,
  };
}
