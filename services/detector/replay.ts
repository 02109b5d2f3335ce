import type { Delivered, Outgoing } from '#libs/bus/port.ts';
import type { DetectParameters } from '#libs/detect/parameters.ts';
import { buildRegister } from '#libs/detect/register.ts';
import type { TierPolicy } from '#libs/detect/tiers/choice.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { NodeWork } from './node-work.ts';

/**
 * Stage 1 without a bus: put records of `frames` in, partition by partition and in order; what it would emit onto
 * `observations` comes out. The same records, register, tiers and parameters give the same bytes as the running detector.
 */
export async function createReplay(
  ledger: Pick<Ledger, 'nodes' | 'declarations'>,
  tiers: TierPolicy,
  parameters: DetectParameters,
  emit: (message: Outgoing) => void,
): Promise<(partition: number, record: Delivered) => void> {
  const register = buildRegister(await ledger.nodes.list(), await ledger.declarations.list());
  const works = new Map<number, NodeWork>();
  const workOf = (partition: number) => {
    const work =
      works.get(partition) ??
      new NodeWork({
        parameters,
        register: () => register,
        tiers,
        partition,
        observationPartitions: 0,
        emit,
      });
    works.set(partition, work);
    return work;
  };
  return (partition, record) => workOf(partition).take(TOPICS.frames.name, record);
}
