import type { NodeEvidence } from './evidence/node-evidence.ts';
import { networkSight } from './evidence/traffic.ts';
import { type Sight, separationSentence } from './explained/separation.ts';
import { fixedMean, type NodeWindow } from './node-window.ts';

const NO_METER = 'No out-of-band meter, BMC or switch is part of this verdict.';
const METER =
  'The meter shows how much power the node draws, and not what for; no switch is part of this verdict.';
const ALWAYS = [
  NO_METER,
  'Flows in other network namespaces are absent.',
  'Counters cannot tell inference from inference that also mines with the same kernels, nor who does it, why, or whether it is allowed.',
];
const NO_GPU = 'No GPU counters on this node: a GPU that the agent cannot read is not seen.';
const NO_PROFILE =
  'No profiling counters on a GPU of this node: tensor, DRAM and PCIe activity are not seen.';
const MUTE_GPU =
  'A GPU of this node reports no power and no utilisation; in confidential-computing mode its counters are off.';
const NO_POWER = 'The power of the whole node is not measured in band.';
const CHEAP =
  'Watched in the cheap tier for at least a part of this window: some metrics of the host and most spreads are not kept, the own past speaks only where a reference was made in the rich tier, and onsets, hours of the week, changes within seconds and shares over the day are not followed.';
const NO_NETWORK =
  'The network traffic of this host is not measured: neither requests nor the trickle of a pool are seen.';
const STILL_NETWORK =
  'The network counters of this host stand still: its traffic goes by another network namespace, or by interfaces that the agent does not see.';
const SILENT = 'The node reports nothing: what it does now is not seen in band.';

/** Combinations are few: each is built once and shared by all assessments. */
const known = new Map<number, readonly string[]>();

const NETWORK_FLAGS = { seen: 0, missing: 32, still: 64 } as const;

/** What a verdict over this window cannot see (DOMAIN.md §8.1). */
export function unseenIn(node: NodeWindow): readonly string[] {
  let gpus = 0;
  let flags = node.cheap ? 16 : 0;
  for (const entity of node.entities) {
    if (entity.layout.kind === 'host') {
      if (Number.isNaN(fixedMean(entity, 'nodePower'))) flags |= 8;
      flags |= NETWORK_FLAGS[networkSight(entity)];
      continue;
    }
    gpus++;
    const mute =
      Number.isNaN(fixedMean(entity, 'gpuPower')) && Number.isNaN(fixedMean(entity, 'gpuUtilization'));
    if (mute) flags |= 4;
    else if (Number.isNaN(fixedMean(entity, 'smActive'))) flags |= 2;
  }
  return sentences(gpus === 0 ? flags | 1 : flags);
}

/** The same of a verdict that a meter is part of. */
export function besideMeter(unseen: readonly string[]): readonly string[] {
  return unseen.map((sentence) => (sentence === NO_METER ? METER : sentence));
}

const DIVIDED =
  'Whose the traffic is: GPUs of this node look as if they did different work, so it speaks for none of them.';

/** From this probability on a behaviour is one of the candidates: what it has before looking. Starting value. */
const CANDIDATE = 0.05;

/**
 * What separates matmul proof-of-work (B5) from inference (B2), and how well, where none that is described is likelier
 * than these two; otherwise nothing. Weighed GPUs have profiling counters; whether traffic is seen is looked up.
 * @param isMeasured whether the figures are those of the tables and parameters in force
 */
export function lookAlikes(
  node: NodeWindow,
  evidence: Pick<NodeEvidence, 'behaviours' | 'divided'> | null,
  isMeasured: boolean,
): readonly string[] {
  if (evidence === null) return [];
  const whose = evidence.divided ? [DIVIDED] : [];
  const { B5 = 0, B2 = 0, B13: _, ...others } = evidence.behaviours;
  const either = Math.max(B5, B2);
  if (B5 < CANDIDATE || Object.values(others).some((other) => other > either)) return whose;
  const host = node.entities.find(({ layout }) => layout.kind === 'host') ?? null;
  const sight: Sight = !evidence.divided && networkSight(host) === 'seen' ? 'L3+N' : 'L3';
  return [...whose, separationSentence(sight, isMeasured)];
}

/** What a verdict over a silent node cannot see. */
export const UNSEEN_WHEN_SILENT: readonly string[] = [SILENT, ...ALWAYS];

function sentences(flags: number): readonly string[] {
  const cached = known.get(flags);
  if (cached) return cached;
  const texts = [NO_GPU, NO_PROFILE, MUTE_GPU, NO_POWER, CHEAP, NO_NETWORK, STILL_NETWORK].filter(
    (_, bit) => (flags & (1 << bit)) !== 0,
  );
  const all = [...texts, ...ALWAYS];
  known.set(flags, all);
  return all;
}
