import { clusteredArea } from './cluster-bootstrap.ts';
import { hundredths } from './section.ts';

/** With fewer a fit without one of them has nothing left to compare. */
export const LEAST_FAMILIES = 4;

/** Recorded work, by the family that it is a variant of: what a fit is judged on as a whole. */
export interface OfFamily {
  readonly family: string;
}

export function familiesOf(some: readonly OfFamily[]): number {
  return new Set(some.map(({ family }) => family)).size;
}

export function isPow({ label }: { readonly label: string }): boolean {
  return label.startsWith('pow_');
}

/** How far a score ranks the one above the other, with its interval over families, in words. */
export function areaInWords<T extends OfFamily>(
  positive: readonly T[],
  negative: readonly T[],
  score: (one: T) => number,
): string {
  const clustered = (some: readonly T[]) => some.map((one) => ({ cluster: one.family, score: score(one) }));
  return hundredths(clusteredArea(clustered(positive), clustered(negative)));
}
