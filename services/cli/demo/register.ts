import type { Ledger } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Silence } from '#libs/model/silence.ts';
import type { Fleet, FleetNode } from './fleet.ts';

const MINUTE_MS = 60_000;

/** Clock time of the planned work from now on: ample, also where event time runs at the clock's pace. */
const MAINTENANCE_MS = 120 * MINUTE_MS;

/**
 * Enters the fleet's nodes, declarations and planned work as a site's staff would have. Nodes of nobody are known,
 * not enrolled.
 */
export async function registerFleet(
  ledger: Pick<Ledger, 'nodes' | 'declarations' | 'silences'>,
  fleet: Fleet,
  nowMs: number,
): Promise<void> {
  for (const node of fleet.nodes) await ledger.nodes.enrol(recordOf(node, fleet.beganMs));
  for (const declaration of declarationsOf(fleet)) await ledger.declarations.append(declaration);
  const maintained = fleet.nodes.filter(({ plot }) => plot.silent?.machine === 'off').map(({ name }) => name);
  if (maintained.length > 0) await ledger.silences.add(maintenanceOf(maintained, nowMs));
}

function maintenanceOf(nodes: readonly string[], nowMs: number): Silence {
  return {
    id: `simulated-maintenance-${nowMs}`,
    purpose: 'maintenance',
    scope: { nodes },
    fromMs: nowMs - MINUTE_MS,
    untilMs: nowMs + MAINTENANCE_MS,
    reason: 'simulated: new power supplies for these nodes',
    by: 'simulated operator',
    createdMs: nowMs - MINUTE_MS,
    endedMs: null,
    endedBy: null,
  };
}

function recordOf({ name, tenancy, keys }: FleetNode, firstSeenMs: number) {
  const { site, tenant, hardware } = tenancy;
  const known = tenant !== null;
  return {
    node: name,
    site,
    tenant,
    hardware: hardware.name,
    publicKey: known ? keys.publicKey : null,
    enrolled: known,
    credentialHash: null,
    firstSeenMs,
    decommissionedMs: null,
  };
}

function declarationsOf({ tenancies, nodes, beganMs }: Fleet): readonly Declaration[] {
  return tenancies.flatMap((tenancy) => {
    const { tenant, declared, prefix } = tenancy;
    if (tenant === null || declared === null) return [];
    return {
      id: `${tenant}-${prefix}`,
      version: 1,
      tenant,
      nodes: nodes.filter((node) => node.tenancy === tenancy).map(({ name }) => name),
      ...declared,
      validFromMs: beganMs - MINUTE_MS,
      validToMs: null,
      approver: 'simulated approver',
      recordedMs: beganMs - MINUTE_MS,
    };
  });
}
