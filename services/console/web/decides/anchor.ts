import type { Ground } from '#libs/model/assessment.ts';

/** Where a feature stands on the page, by its words. */
export function anchorOf(words: string): string {
  return words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** `tensor activity per SM activity of gpu0 was …`: grounds of behaviours begin with their feature's words. */
const GROUND = /^(.+) of \S+ was /;

/** `…: AI inference looks so more often than …`: the first is what a ground of a behaviour speaks for. */
const LIKENESS = /: (.+) looks so more often than /;

/** The words of the behaviour that a ground speaks for; null for a ground of another rule. */
export function likenessOf({ rule, text }: Pick<Ground, 'rule' | 'text'>): string | null {
  return (rule === 'behaviour' ? LIKENESS.exec(text)?.[1] : undefined) ?? null;
}

/** Words of the features of hosts without busy GPUs alone: what they say was learnt from recordings, and has no plot. */
const OF_HOST = /\b(CPU|threads?|waiting)\b/;

/** Where the plot of a ground's feature stands; null for a ground of another rule, or of a host. */
export function plotOf({ rule, text }: Pick<Ground, 'rule' | 'text'>): string | null {
  const words = rule === 'behaviour' ? GROUND.exec(text)?.[1] : undefined;
  return words === undefined || OF_HOST.test(words) ? null : `/decides#${anchorOf(words)}`;
}

/** Rules that put together what the counters of GPUs speak for. */
const GATHERING: readonly string[] = ['sequential', 'shares', 'unexplained'];

/** Whether a ground rests on what behaviours look like on simulated machines. */
export function isSynthetic(ground: Pick<Ground, 'rule' | 'text'>): boolean {
  return plotOf(ground) !== null || GATHERING.includes(ground.rule);
}
