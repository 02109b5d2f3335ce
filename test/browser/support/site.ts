import { DIST } from '#services/console/pages.ts';
import { type ConsoleWorld, openConsoleWorld, PASSWORD, person } from '#test/contract/console/world.ts';
import type { NodePlan } from './fleet-plan.ts';
import { seed } from './seed.ts';

export { PASSWORD };

/** A console with its pages over a seeded fleet, and one person of each role: `admin`, `operator`, `viewer`, `tenant`. */
export interface Site extends AsyncDisposable {
  readonly world: ConsoleWorld;
  readonly url: string;
  readonly plans: readonly NodePlan[];
}

/** The tenant that `tenant` belongs to. */
export const TENANT = 'T-007';

export async function openSite(size: number): Promise<Site> {
  const world = await openConsoleWorld();
  const plans = await seed(world, size);
  const app = await world.start({}, DIST);
  for (const role of ['admin', 'operator', 'viewer'] as const) await person(world, app, role, null, role);
  await person(world, app, 'tenant', TENANT, 'tenant');
  return { world, url: app.url(), plans, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}
