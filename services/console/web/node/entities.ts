import type { Ground } from '#libs/model/assessment.ts';

/** `SM activity of gpu2 was …`: grounds that are of one entity say of which. */
const OF = / of (host|gpu\d+)\b/;

/** The entity that a ground speaks of; null: of none, or of all. */
function entityOf({ text }: Pick<Ground, 'text'>): string | null {
  return OF.exec(text)?.[1] ?? null;
}

/** Rules by which a window is outside its declaration. */
const OUTSIDE: readonly string[] = ['envelope', 'behaviour'];

/** The GPUs that are named as outside the declaration, each once. */
export function gpusIn(reasons: readonly Ground[]): readonly string[] {
  const named = reasons.filter(({ rule }) => OUTSIDE.includes(rule)).map(entityOf);
  return [...new Set(named)].flatMap((entity) => (entity === null || entity === 'host' ? [] : entity)).sort();
}

/** Of these entities the one that the heaviest ground names; null: none names one. */
export function heaviestOf(reasons: readonly Ground[], entities: readonly string[]): string | null {
  const heaviestFirst = reasons.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  return heaviestFirst.map(entityOf).find((entity) => entity !== null && entities.includes(entity)) ?? null;
}
