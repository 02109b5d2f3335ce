import type { Behaviour, Conformity, Grade } from '#libs/model/behaviour.ts';
import { random } from '#test/support/random.ts';

export const HOUR_MS = 3_600_000;
const SITES = ['oslo-1', 'oslo-2', 'bergen', 'simulated-lab', 'tromso'] as const;
const TENANTS = ['T-007', 'T-011', 'aurora', 'fjord', null] as const;
/** Even a small fleet has a simulated site. */
const FIRST_SITES = ['oslo-1', 'bergen', 'simulated-lab'] as const;
/** Of these a fleet has fewer, the larger it is. */
const STORIES = ['training', 'inference', 'idle', 'render', 'unknown'] as const;

export type Story = (typeof STORIES)[number] | 'deviating' | 'silent';

/** What a node of the seeded fleet does. The same for the same size, every time. */
export interface NodePlan {
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly hardware: string;
  readonly story: Story;
  /** Hours before now at which a deviation or a silence began. */
  readonly sinceHours: number;
  readonly seed: number;
}

export function planFleet(size: number): readonly NodePlan[] {
  const next = random(size + 1);
  const pick = <T>(values: readonly T[]) => values[Math.floor(next() * values.length)] as T;
  const troubled = size > 100 ? 0.004 : 0.2;
  return Array.from({ length: size }, (_, index) => {
    const tenant = pick(TENANTS);
    const chance = next();
    const first = index === 0;
    const story = first ? 'deviating' : storyOf(chance, troubled, tenant !== null, pick(STORIES));
    return {
      node: `n${String(index + 1).padStart(size > 999 ? 5 : 2, '0')}`,
      site: index < FIRST_SITES.length ? (FIRST_SITES[index] ?? '') : pick(SITES),
      tenant: first ? 'T-007' : tenant,
      hardware: story === 'idle' ? '2x EPYC 9654' : '8x H100',
      story,
      sinceHours: 2 + Math.floor(next() * 12),
      seed: index,
    };
  });
}

/** Of `troubled` of the nodes that anybody uses, and as many others, something is to be seen. */
function storyOf(chance: number, troubled: number, used: boolean, usual: Story): Story {
  if (used && chance < troubled) return 'deviating';
  return chance > 1 - troubled ? 'silent' : usual;
}

export interface Moment {
  readonly behaviours: Partial<Record<Behaviour, number>>;
  readonly conformity: Conformity;
  readonly grade: Grade;
  readonly heartbeat: 'present' | 'blind';
}

/** What a node looks like so many hours before now. */
export function momentOf({ story, tenant, sinceHours, seed }: NodePlan, hoursAgo: number): Moment {
  const heartbeat = 'present';
  const grade = seed % 9 === 0 ? 'D' : seed % 13 === 0 ? 'A' : 'C';
  const honest = tenant === null ? 'undeclared' : 'conforms';
  // Nights are quiet for most; each node has hours of its own.
  const quiet = (hoursAgo + seed) % 24 > 17;
  if (story === 'deviating' && hoursAgo < sinceHours)
    return {
      behaviours: { B5: 0.62, B2: 0.21, B13: 0.12, B1: 0.05 },
      conformity: 'deviates',
      grade: 'C',
      heartbeat,
    };
  if (story === 'silent' && hoursAgo < sinceHours)
    return { behaviours: { B12: 1 }, conformity: 'cannot tell', grade: 'D', heartbeat: 'blind' };
  if (story === 'idle' || quiet)
    return { behaviours: { B0: 0.94, B13: 0.06 }, conformity: honest, grade, heartbeat };
  if (story === 'training')
    return { behaviours: { B1: 0.88, B3: 0.12 }, conformity: honest, grade, heartbeat };
  if (story === 'render') return { behaviours: { B3: 0.81, B1: 0.19 }, conformity: honest, grade, heartbeat };
  if (story === 'unknown')
    return { behaviours: { B13: 0.7, B1: 0.3 }, conformity: 'cannot tell', grade, heartbeat };
  return { behaviours: { B2: 0.83, B1: 0.1, B13: 0.07 }, conformity: honest, grade, heartbeat };
}
