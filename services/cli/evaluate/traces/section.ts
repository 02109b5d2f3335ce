import { markdownTable } from '#services/markdown-table.ts';
import type { Share } from './quality.ts';

/** A part of what an evaluation says: a table with what it means and rests on. */
export interface Section {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** `87 % (81–92)`. */
export function percent({ share, low, high }: Share): string {
  const whole = (ratio: number) => (100 * ratio).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0);
  return Number.isNaN(share) ? '–' : `${whole(share)} % (${whole(low)}–${whole(high)})`;
}

/** `0.87 (0.81–0.92)`. */
export function hundredths({ share, low, high }: Share): string {
  return `${share.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

export function sectionInMarkdown({ title, note, head, rows }: Section): string {
  return [`### ${title}`, note, markdownTable([head, ...rows.map((row) => row.map(String))])].join('\n\n');
}
