import { useState } from 'preact/hooks';
import type { FamilyView, FeatureView } from '../../api/contract/decides.ts';
import { sentence } from '../format.ts';
import { Swatch } from '../parts/swatch.tsx';
import { anchorOf } from './anchor.ts';
import { Bar, LittleBars } from './bar.tsx';
import { binWords, chance, signed } from './bins.ts';
import { FamilyName } from './families.tsx';

export type Pair = readonly [FamilyView, FamilyView];

/** What a bin of a feature says for the first of a pair against the second, in nats. */
export function saysFor([one, other]: Pair, feature: number, bin: number): number {
  return (one.terms[feature]?.[bin] ?? 0) - (other.terms[feature]?.[bin] ?? 0);
}

interface Props {
  readonly feature: FeatureView;
  /** Its place among the features. */
  readonly index: number;
  readonly pair: Pair;
  /** The largest that any bin of any feature says between them, in nats. */
  readonly most: number;
  readonly families: readonly FamilyView[];
  readonly pointed: string;
}

/** A feature: the bins of two families as bars, and what each bin says between them. */
export function FeatureCard({ feature, index, pair, most, families, pointed }: Props) {
  const anchor = anchorOf(feature.words);
  const words = binWords(feature);
  return (
    <article
      id={anchor}
      class={anchor === pointed ? 'card stack tight pointed' : 'card stack tight'}
      aria-labelledby={`${anchor}-title`}
    >
      <div class="section-head">
        <h3 id={`${anchor}-title`}>{sentence(feature.words)}</h3>
        <span class="small soft">
          needs level {feature.level}; seen best in <code>{feature.metric}</code>
        </span>
      </div>
      <section class="scroll" tabIndex={0} aria-label={`Bins of ${feature.words}`}>
        <table class="small decides-bins">
          <thead>
            <tr>
              <th scope="col">Bin</th>
              {pair.map(({ name, behaviour }, place) => (
                <th scope="col" key={place}>
                  <span class="decides-family">
                    <Swatch dimension="behaviour" value={behaviour} />
                    {name}
                  </span>
                </th>
              ))}
              <th scope="col">Says, nats</th>
            </tr>
          </thead>
          <tbody>
            {words.map((bin, place) => (
              <tr key={bin}>
                <th scope="row" class="nowrap">
                  {bin}
                </th>
                {pair.map(({ behaviour, bins }, side) => (
                  <Probability key={side} behaviour={behaviour} probability={bins[index]?.[place]} />
                ))}
                <Says nats={saysFor(pair, index, place)} most={most} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <AllFamilies index={index} words={words} families={families} label={feature.words} />
    </article>
  );
}

function Probability({
  behaviour,
  probability,
}: Pick<FamilyView, 'behaviour'> & { readonly probability: number | undefined }) {
  return (
    <td>
      {probability === undefined ? (
        <span class="soft">never had it</span>
      ) : (
        <span class="decides-cell">
          <Bar behaviour={behaviour} share={probability} />
          {chance(probability)}
        </span>
      )}
    </td>
  );
}

function Says({ nats, most }: { readonly nats: number; readonly most: number }) {
  const share = (Math.abs(nats) / most) * 50;
  const side = nats >= 0 ? { left: '50%', width: `${share}%` } : { right: '50%', width: `${share}%` };
  return (
    <td>
      <span class="decides-cell">
        <i class="weight-bar" aria-hidden="true">
          {nats !== 0 && <i class={nats > 0 ? 'for' : 'against'} style={side} />}
        </i>
        {signed(nats)}
      </span>
    </td>
  );
}

interface AllProps {
  readonly index: number;
  readonly words: readonly string[];
  readonly families: readonly FamilyView[];
  readonly label: string;
}

/** The numbers of every family; made when they are asked for. */
function AllFamilies({ index, words, families, label }: AllProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="small soft">All families</summary>
      {open && (
        <section class="scroll tall decides-details" tabIndex={0} aria-label={`${label}, all families`}>
          <table class="small">
            <thead>
              <tr>
                <th scope="col">Family</th>
                <th scope="col">
                  <span class="hidden">Bars</span>
                </th>
                {words.map((bin) => (
                  <th scope="col" class="number" key={bin}>
                    {bin}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {families.map(({ name, behaviour, bins }) => (
                <tr key={name}>
                  <FamilyName name={name} behaviour={behaviour} />
                  <td>
                    <LittleBars behaviour={behaviour} bins={bins[index] ?? null} />
                  </td>
                  {words.map((bin, place) => (
                    <td key={bin} class="number nowrap">
                      {chanceOrNone(bins[index]?.[place])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function chanceOrNone(probability: number | undefined): string {
  return probability === undefined ? '–' : chance(probability);
}
