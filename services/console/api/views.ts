import { z } from 'zod';
import type { AlertRow } from '#libs/ledger/alert-port.ts';
import type { Person } from '#libs/model/person.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { AlertView } from './contract/alerts.ts';

/** Parameters of the paths. */
export const byId = z.object({ id: z.string().min(1).max(128) });
export const byNode = z.object({ node: z.string().min(1).max(128) });
export const byName = z.object({ name: z.string().min(1).max(128) });

export function alertView(row: AlertRow): AlertView {
  const { id, cause, state, severity, kind, site, tenant } = row;
  const { openedMs, updatedMs, resolvedMs, assignee, nodeCount, summary } = row;
  return {
    ...{ id, cause, state, severity, kind, site, tenant, simulated: isSimulated(site) },
    ...{ openedMs, updatedMs, resolvedMs, assignee, nodeCount, summary },
  };
}

/** A tenant asks for their own whatever they name. */
export function tenantAsked(person: Person, asked: string | undefined): string | undefined {
  return person.role === 'tenant' ? (person.tenant ?? '') : asked;
}
