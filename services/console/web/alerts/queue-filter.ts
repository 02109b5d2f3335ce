import type { AlertState } from '#libs/model/alert.ts';
import type { Severity } from '#libs/model/finding.ts';

/** The gravest first and of those the newest, or the newest whatever they are. */
export type Order = 'severity' | 'newest';

/** What the queue shows; kept in the address, so that a view can be passed on. */
export interface QueueFilter {
  readonly states: readonly AlertState[];
  readonly severities: readonly Severity[];
  readonly site: string;
  readonly tenant: string;
  readonly assignee: string;
  readonly order: Order;
}

export const STATES: readonly AlertState[] = ['open', 'escalated', 'acknowledged', 'silenced', 'resolved'];
export const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];
/** What is shown when nobody has said otherwise: what is not over. */
const USUAL: readonly AlertState[] = ['open', 'escalated', 'acknowledged'];

export function readFilter(search: string): QueueFilter {
  const query = new URLSearchParams(search);
  const states = STATES.filter((state) => query.getAll('state').includes(state));
  return {
    states: states.length > 0 ? states : USUAL,
    severities: SEVERITIES.filter((severity) => query.getAll('severity').includes(severity)),
    site: query.get('site') ?? '',
    tenant: query.get('tenant') ?? '',
    assignee: query.get('assignee') ?? '',
    order: query.get('order') === 'newest' ? 'newest' : 'severity',
  };
}

export function queryOf(filter: QueueFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const state of filter.states) query.append('state', state);
  for (const severity of filter.severities) query.append('severity', severity);
  if (filter.site) query.set('site', filter.site);
  if (filter.tenant) query.set('tenant', filter.tenant);
  if (filter.assignee) query.set('assignee', filter.assignee);
  if (filter.order !== 'severity') query.set('order', filter.order);
  return query;
}

/** A list with this item in it, or without. */
export function flipped<Item>(all: readonly Item[], chosen: readonly Item[], item: Item): readonly Item[] {
  return all.filter((one) => (one === item ? !chosen.includes(one) : chosen.includes(one)));
}

export function isUsual({ states, severities, site, tenant, assignee, order }: QueueFilter): boolean {
  return (
    USUAL.length === states.length &&
    USUAL.every((state) => states.includes(state)) &&
    severities.length === 0 &&
    !site &&
    !tenant &&
    !assignee &&
    order === 'severity'
  );
}
