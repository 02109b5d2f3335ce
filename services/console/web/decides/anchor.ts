import type { Ground } from '#libs/model/assessment.ts';

/** Where a feature stands on the page, by its words. */
export function anchorOf(words: string): string {
  return words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** `tensor activity per SM activity of gpu0 was …`: grounds of behaviours begin with their feature's words. */
const GROUND = /^(.+) of \S+ was /;

/** Where the plot of a ground's feature stands; null for a ground of another rule. */
export function plotOf({ rule, text }: Pick<Ground, 'rule' | 'text'>): string | null {
  const words = rule === 'behaviour' ? GROUND.exec(text)?.[1] : undefined;
  return words === undefined ? null : `/decides#${anchorOf(words)}`;
}
