import type { FeatureView } from '../../api/contract/decides.ts';
import { inUnit } from '../format.ts';

/** Between a number and its unit. */
const NO_BREAK = '\u00a0';

/** The bins of a feature in words, in order: `below 1 %`, `1 % to 3 %`, …, `97 % and more`. */
export function binWords({ edges, unit }: Pick<FeatureView, 'edges' | 'unit'>): readonly string[] {
  const shown = edges.map((edge) => edgeText(edge, unit).replaceAll(' ', NO_BREAK));
  return Array.from({ length: edges.length + 1 }, (_, bin) => {
    if (bin === 0) return `below ${shown[0] ?? ''}`;
    if (bin === edges.length) return `${shown.at(-1) ?? ''} and more`;
    return `${shown[bin - 1]} to ${shown[bin]}`;
  });
}

function edgeText(edge: number, unit: FeatureView['unit']): string {
  if (unit === 'log10 By/s') return inUnit(10 ** edge, 'By/s');
  return unit === 'number' ? `${edge}` : inUnit(edge, '1');
}

/** `12 %`, `0.2 %`: small shares keep a decimal, because nothing is quite impossible. */
export function chance(probability: number): string {
  return `${(100 * probability).toFixed(probability < 0.1 ? 1 : 0)} %`;
}

/** `+2.4`, `−0.3`, `0.0`, in nats. */
export function signed(nats: number): string {
  if (Math.abs(nats) < 0.05) return '0.0';
  return `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(1)}`;
}
