import { BEHAVIOURS } from '#libs/model/behaviour.ts';
import type { DecidesView, FamilyView } from '../../api/contract/decides.ts';
import { count } from '../format.ts';
import { Swatch } from '../parts/swatch.tsx';
import { anchorOf } from './anchor.ts';
import { LittleBars } from './bar.tsx';

const SIDES: Readonly<Record<FamilyView['side'], string>> = {
  undeclared: 'as what nobody declares',
  ordinary: 'as ordinary compute',
  unknown: 'as unknown',
};

/** Every family against every feature, as little bars; then what each was simulated from. */
export function Families({ families, features, made }: Pick<DecidesView, 'families' | 'features' | 'made'>) {
  return (
    <section class="stack tight" aria-labelledby="families">
      <div class="section-head">
        <h2 id="families">Every family at a glance</h2>
        <span class="tag simulated">{made.data}</span>
      </div>
      <p class="soft decides-measure">
        How often windows of a family fall into each bin of a feature, from the lowest bin at the left, up to
        60 % and more; the features below have the numbers. {count(made.windows)} windows, made by{' '}
        <code>{made.command}</code>.
      </p>
      <section class="scroll" tabIndex={0} aria-label="Families by features">
        <table class="small decides-matrix">
          <thead>
            <tr>
              <th scope="col">Family</th>
              {features.map(({ name, words }) => (
                <th scope="col" key={name}>
                  <a href={`#${anchorOf(words)}`}>{words}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {families.map(({ name, behaviour, bins }) => (
              <tr key={name}>
                <FamilyName name={name} behaviour={behaviour} />
                {features.map((feature, index) => (
                  <td key={feature.name}>
                    <LittleBars behaviour={behaviour} bins={bins[index] ?? null} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Ranges families={families} />
    </section>
  );
}

export function FamilyName({ name, behaviour }: Pick<FamilyView, 'name' | 'behaviour'>) {
  return (
    <th scope="row" class="nowrap">
      <span class="decides-family">
        <Swatch dimension="behaviour" value={behaviour} />
        <span>
          <span class="soft">{behaviour}</span> {name}
        </span>
      </span>
    </th>
  );
}

/** What the simulated runs of each family were drawn from. */
function Ranges({ families }: Pick<DecidesView, 'families'>) {
  const columns = Object.keys(families[0]?.ranges ?? {});
  return (
    <details>
      <summary class="small soft">What each family was simulated from, and how it counts</summary>
      <section class="scroll decides-details" tabIndex={0} aria-label="Ranges of the families">
        <table class="small">
          <thead>
            <tr>
              <th scope="col">Family</th>
              <th scope="col">Behaviour</th>
              <th scope="col">Counts, unless declared,</th>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  <code>{column}</code>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {families.map(({ name, behaviour, side, ranges }) => (
              <tr key={name}>
                <FamilyName name={name} behaviour={behaviour} />
                <td class="nowrap">{BEHAVIOURS[behaviour]}</td>
                <td class="nowrap">{SIDES[side]}</td>
                {columns.map((column) => (
                  <td key={column} class="nowrap">
                    {rangeText(ranges[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function rangeText(range: readonly [number, number] | undefined): string {
  if (range === undefined) return '–';
  return range[0] === range[1] ? `${range[0]}` : `${range[0]} to ${range[1]}`;
}
