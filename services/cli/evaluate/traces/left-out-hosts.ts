import type { EvidenceTables } from '#libs/detect/evidence/model.ts';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { fitHostEvidence } from '#libs/detect/host-evidence/fit.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { busyWindows, type HostRun, type HostWindow, hostExamples } from './recorded-hosts.ts';
import { assessTrace } from './run.ts';
import { scorerOf } from './scores.ts';

/** A busy window of a host, put to a fit that has seen nothing of its family. */
export interface LeftOutWindow extends HostWindow {
  /** log odds of what nobody declares, against all else. */
  readonly logOdds: number;
  /** Its mean CPU utilisation: the naive answer. */
  readonly cpu: number;
}

export interface LeftOut {
  /** Busy windows, for ranking. */
  readonly windows: readonly LeftOutWindow[];
  /** What stage 1 said of every window, by run. */
  readonly assessed: ReadonlyMap<HostRun, readonly Assessment[]>;
}

const CPU = HOST_FEATURES.findIndex(({ name }) => name === 'cpu');

/**
 * Fits once for every group of runs, without it, and puts the group to that fit. O(groups × windows).
 * @param groupOf what is left out together: a family, or all that has a label
 */
export function leaveOut(runs: readonly HostRun[], groupOf: (run: HostRun) => string): LeftOut {
  const windows: LeftOutWindow[] = [];
  const assessed = new Map<HostRun, readonly Assessment[]>();
  for (const [group, own] of Map.groupBy(runs, groupOf)) {
    const model = fitWithout(runs, (run) => groupOf(run) === group);
    const scorer = scorerOf(model);
    for (const window of busyWindows(own)) {
      const { logOdds } = scorer.score(scorer.bins(window.values));
      windows.push({ ...window, logOdds, cpu: window.values[CPU] ?? Number.NaN });
    }
    for (const run of own) {
      const { windows: said } = assessTrace(run.frames, { hostModel: model });
      assessed.set(
        run,
        said.map(({ assessment }) => assessment),
      );
    }
  }
  return { windows, assessed };
}

function fitWithout(runs: readonly HostRun[], isLeftOut: (run: HostRun) => boolean): EvidenceTables {
  return fitHostEvidence(hostExamples(busyWindows(runs.filter((run) => !isLeftOut(run)))));
}
