import type { Severity } from '#libs/model/finding.ts';

/** What a mail says, before it is written as plain text and as HTML. All texts are bare: the writers escape them. */
export interface Letter {
  readonly subject: string;
  readonly title: string;
  /** The word before the title, and what it is coloured by. */
  readonly mark: { readonly text: string; readonly tone: Severity };
  /** One sentence on what this is. */
  readonly lead: string;
  /** Set where no real machines stand behind it. */
  readonly simulated: string | null;
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
  readonly link: { readonly text: string; readonly href: string } | null;
  /** What davylamp says of every message. */
  readonly note: string;
}

export type Fact = readonly [label: string, value: string];

export interface Section {
  readonly heading: string;
  readonly items: readonly Item[];
  /** What stands there when there are no items. */
  readonly none: string;
}

export interface Item {
  readonly text: string;
  /** Small, at the end of the line: a weight, a time. */
  readonly aside?: string;
  readonly href?: string | undefined;
}

/** The first `limit` items, and how many more there are. */
export function firstOf(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  return [...items.slice(0, limit), { text: `and ${items.length - limit} more` }];
}

export const SIMULATED = 'Simulated: no real machines stand behind this.';
