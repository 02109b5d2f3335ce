import { fixedMean, type NodeWindow } from './node-window.ts';

const ALWAYS = [
  'No out-of-band meter, BMC or switch is part of this verdict.',
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
  'Watched in the cheap tier for at least a part of this window: some metrics of the host and most spreads are not kept, the own past speaks only where a reference was made in the rich tier, and there is no hour of the week.';
const SILENT = 'The node reports nothing: what it does now is not seen in band.';

/** Combinations are few: each is built once and shared by all assessments. */
const known = new Map<number, readonly string[]>();

/** What a verdict over this window cannot see (DOMAIN.md §8.1). */
export function unseenIn(node: NodeWindow): readonly string[] {
  let gpus = 0;
  let flags = node.cheap ? 16 : 0;
  for (const entity of node.entities) {
    if (entity.layout.kind === 'host') {
      if (Number.isNaN(fixedMean(entity, 'nodePower'))) flags |= 8;
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

/** What a verdict over a silent node cannot see. */
export const UNSEEN_WHEN_SILENT: readonly string[] = [SILENT, ...ALWAYS];

function sentences(flags: number): readonly string[] {
  const cached = known.get(flags);
  if (cached) return cached;
  const texts = [NO_GPU, NO_PROFILE, MUTE_GPU, NO_POWER, CHEAP].filter(
    (_, bit) => (flags & (1 << bit)) !== 0,
  );
  const all = [...texts, ...ALWAYS];
  known.set(flags, all);
  return all;
}
