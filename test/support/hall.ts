import { type FeedPlan, nodeName } from './feed.ts';
import type { World } from './world.ts';

/** Declares the nodes of a feed as idle, below half of their CPU. */
export async function declareHall({ ledger }: Pick<World, 'ledger'>, { nodes }: FeedPlan): Promise<void> {
  await ledger.declarations.append({
    id: 'hall',
    version: 1,
    tenant: 'T-007',
    nodes: Array.from({ length: nodes }, (_, index) => nodeName(index)),
    behaviours: ['B0'],
    envelope: [{ metric: 'cpu_utilization_ratio', min: 0, max: 0.5 }],
    validFromMs: 0,
    validToMs: null,
    approver: 'the test',
    recordedMs: 0,
  });
}
