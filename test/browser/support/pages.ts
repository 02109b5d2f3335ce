import type { Site } from './site.ts';

/** Every page of a site, by a name for it: those of an alert and of a node where there is one. */
export async function pagesOf({ world, plans }: Site): Promise<Readonly<Record<string, string>>> {
  const [alert] = await world.ledger.alerts.alerts();
  const [node] = plans;
  return {
    fleet: '/',
    conformity: '/?by=conformity',
    table: '/?view=table',
    alerts: '/alerts',
    ...(alert ? { alert: `/alerts/${alert.id}` } : {}),
    ...(node ? { node: `/nodes/${node.node}` } : {}),
    quality: '/quality',
    decides: '/decides',
    settings: '/settings',
    missing: '/nowhere',
  };
}
