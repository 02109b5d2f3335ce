import { useState } from 'preact/hooks';
import type { DecidesView, FamilyView } from '../../api/contract/decides.ts';
import { FeatureCard, type Pair, saysFor } from './feature-card.tsx';

/** The pair that is hardest to tell apart, of those that matter. */
const FIRST = ['matmul-pow', 'inference-int8'];

type Props = Pick<DecidesView, 'features' | 'families'> & {
  /** What the families are: synthetic. */
  readonly data: string;
  /** Of the feature that somebody came for. */
  readonly pointed: string;
};

/** Every feature with what its bins say for one family against another. */
export function Features({ features, families, data, pointed }: Props) {
  const [names, setNames] = useState(FIRST);
  const [one, other] = names.map((name) => families.find((family) => family.name === name));
  const choose = (place: number, name: string) =>
    setNames((former) => former.map((before, index) => (index === place ? name : before)));
  return (
    <section class="stack" aria-labelledby="features">
      <div class="stack tight">
        <div class="section-head">
          <h2 id="features">Every feature</h2>
          <span class="tag simulated">{data}</span>
        </div>
        <p class="soft decides-measure">
          How often each of two families falls into a bin, and what a window in that bin says: above 0 it
          speaks for the first, below for the second, in nats. 0.7 nats double the odds, 2.3 make them
          tenfold. Level L2 is what <code>nvidia-smi</code> shows; L3 needs profiling counters (DCGM, GPM),
          and without them nothing is weighed.
        </p>
        <div class="row">
          <Choice label="What speaks for" place={0} families={families} chosen={names[0]} choose={choose} />
          <Choice label="against" place={1} families={families} chosen={names[1]} choose={choose} />
        </div>
      </div>
      {one && other && <Cards {...{ features, families, pointed }} pair={[one, other]} />}
    </section>
  );
}

function Cards({ features, families, pointed, pair }: Omit<Props, 'data'> & { readonly pair: Pair }) {
  const most = mostOf(pair, features);
  return (
    <div class="decides-features">
      {features.map((feature, index) => (
        <FeatureCard key={feature.name} {...{ feature, index, pair, most, families, pointed }} />
      ))}
    </div>
  );
}

/** The largest that any bin says between two families, in nats: all bars are on one scale. */
function mostOf(pair: Pair, features: Props['features']): number {
  const said = features.flatMap(({ edges }, index) =>
    Array.from({ length: edges.length + 1 }, (_, bin) => Math.abs(saysFor(pair, index, bin))),
  );
  return Math.max(0.1, ...said);
}

interface ChoiceProps {
  readonly label: string;
  readonly place: number;
  readonly families: readonly FamilyView[];
  readonly chosen: string | undefined;
  readonly choose: (place: number, name: string) => void;
}

function Choice({ label, place, families, chosen, choose }: ChoiceProps) {
  return (
    <label class="row">
      {label}
      <select value={chosen} onChange={(event) => choose(place, event.currentTarget.value)}>
        {families.map(({ name, behaviour }) => (
          <option key={name} value={name}>
            {behaviour} {name}
          </option>
        ))}
      </select>
    </label>
  );
}
