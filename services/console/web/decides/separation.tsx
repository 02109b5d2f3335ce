import type { DecidesView } from '../../api/contract/decides.ts';
import { count } from '../format.ts';
import { anchorOf } from './anchor.ts';
import { chance } from './bins.ts';

type Separation = NonNullable<DecidesView['calibration']['measured']>['separation'];
type Told = Separation['levels'][number]['steady'];

/** How well the two that look most alike are told apart, by what can be read of a machine. */
export function SeparationCard({ calibration: { measured } }: Pick<DecidesView, 'calibration'>) {
  if (measured === null) return null;
  const { separation, data } = measured;
  return (
    <section class="card stack tight" aria-labelledby="separation">
      <div class="section-head">
        <h2 id="separation">Matmul proof-of-work, or INT8 inference?</h2>
        <span class="tag simulated">{data}</span>
      </div>
      <p class="soft decides-measure">
        Windows of proof-of-work that are told from inference while {chance(separation.mistaken)} of those of
        inference are taken for it, on {count(separation.windows)} windows that no fit has seen. Below L3 no
        verdict rests on this: that simulated work differs there shows the simulator, recorded work does not.
        One product that answers a request and draws a lot at once is told by none of it.
      </p>
      <Levels levels={separation.levels} />
      <Effects features={separation.features} />
    </section>
  );
}

function Levels({ levels }: Pick<Separation, 'levels'>) {
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Readable</th>
          <th scope="col">Steady</th>
          <th scope="col">Held back or hidden</th>
        </tr>
      </thead>
      <tbody>
        {levels.map(({ level, steady, hidden }) => (
          <tr key={level}>
            <th scope="row">{level}</th>
            <Share told={steady} />
            <Share told={hidden} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share({ told: { share, low, high } }: { readonly told: Told }) {
  return (
    <td>
      {chance(share)}{' '}
      <span class="soft">
        ({chance(low)} to {chance(high)})
      </span>
    </td>
  );
}

function Effects({ features }: Pick<Separation, 'features'>) {
  return (
    <details>
      <summary class="small soft">What separates them, by feature</summary>
      <p class="small soft">
        Cliff’s delta: how much more often a window of proof-of-work has the higher value than the lower one.
      </p>
      <ul class="small">
        {features.map(({ words, level, effect }) => (
          <li key={words}>
            <a href={`#${anchorOf(words)}`}>{words}</a> <span class="soft">({level})</span>:{' '}
            {effect.toFixed(2).replace('-', '−')}
          </li>
        ))}
      </ul>
    </details>
  );
}
