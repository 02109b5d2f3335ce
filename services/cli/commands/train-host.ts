import { fileURLToPath } from 'node:url';
import type { EvidenceModel } from '#libs/detect/evidence/model.ts';
import { fitHostEvidence } from '#libs/detect/host-evidence/fit.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { busyWindows, hostExamples, hostRuns } from '../evaluate/traces/recorded-hosts.ts';

/** The model of hosts that stage 1 reads. */
export const SHIPPED_HOST = fileURLToPath(
  new URL('../../../libs/detect/host-evidence/model.json', import.meta.url),
);
/** The recordings of the project itself: what is shipped rests on them alone. */
export const OWN_RECORDINGS = fileURLToPath(new URL('../../../test/fixtures/traces', import.meta.url));
/** Raised when the meaning of the model's numbers changes. */
const VERSION = 1;

export interface HostTraining {
  readonly traces?: string;
  readonly leaveOut: readonly string[];
  readonly without: readonly string[];
}

/**
 * Learns what busy hosts look like from recorded traces of machines without GPUs.
 * @throws ConfigError for a name nobody knows, or where nothing is left to learn from; NotFoundError
 */
export async function trainHost({ traces, leaveOut, without }: HostTraining): Promise<EvidenceModel> {
  const folder = traces ?? OWN_RECORDINGS;
  const all = busyWindows(await hostRuns(folder, without));
  for (const name of leaveOut) {
    if (!all.some(({ family, behaviour }) => family === name || behaviour === name))
      throw new ConfigError(
        `--leave-out ${name}: expected a behaviour or one of ${[...new Set(all.map(({ family }) => family))].join(', ')}`,
      );
  }
  const windows = all.filter(
    ({ family, behaviour }) => !leaveOut.includes(family) && !leaveOut.includes(behaviour),
  );
  if (windows.length === 0)
    throw new ConfigError(`${folder}: expected traces of a busy host without GPUs, labelled, got none`);
  const recordings = new Set(windows.map(({ trace }) => trace)).size;
  const own = traces === undefined;
  return {
    version: VERSION,
    made: {
      command: ['davylamp train --host', ...leaveOut.map((name) => `--leave-out ${name}`)].join(' '),
      data: own
        ? `recorded: ${recordings} traces of test/fixtures/traces, one machine, CC BY 4.0; and undescribed work, made up`
        : `recorded: ${recordings} traces of a site of its own, and undescribed work, made up; not to be shipped`,
      windows: windows.length,
    },
    ...fitHostEvidence(hostExamples(windows)),
  };
}
