import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import type { AssessmentView, DossierView } from '../../api/contract/node.ts';
import { bounds, count, percent } from '../format.ts';
import { Swatch } from '../parts/swatch.tsx';
import { Spell } from '../parts/when.tsx';
import { Shares } from './shares.tsx';

type Told = NonNullable<AssessmentView['shares']>;
type Estimate = NonNullable<Told['behaviours'][Behaviour]>;

/** How the node's time was shared between behaviours: told once an hour, so the newest verdict that has it. */
export function DayShares({ dossier: { assessment, history } }: { readonly dossier: DossierView }) {
  const teller = [...(assessment ? [assessment] : []), ...history].find(({ shares }) => shares !== undefined);
  if (!teller?.shares) return null;
  const { fromMs, windows } = teller.shares;
  const estimates = largestFirst(teller.shares);
  return (
    <section class="card stack tight" aria-labelledby="day-shares">
      <div class="section-head">
        <h2 id="day-shares">The last 24 hours</h2>
        <span class="small soft">
          <Spell fromMs={fromMs} toMs={teller.windowEndMs} />; {count(windows)} windows of a minute, told once
          an hour
        </span>
      </div>
      <Shares shares={estimates.map(([behaviour, { share }]) => [behaviour, share] as const)} />
      <ul class="share-list">
        {estimates.map(([behaviour, estimate]) => (
          <li key={behaviour}>
            <Swatch dimension="behaviour" value={behaviour} />
            <span>
              {behaviour} {BEHAVIOURS[behaviour]} {percent(estimate.share)}{' '}
              <span class="soft">{bounds(estimate)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p class="small soft">
        The mix of behaviours that explains the profiling counters of these windows best, each GPU by its
        share of the node. The bounds count the windows that surely, and those that possibly, were the
        behaviour. What behaviours look like was learnt from simulated machines: the evidence is{' '}
        <em>synthetic</em>. Two kinds of work on one GPU in the same second are not told apart.{' '}
        <a href="/decides">How this was decided</a>
      </p>
    </section>
  );
}

/** Those that can be seen, or that can not be excluded. */
function largestFirst({ behaviours }: Told): readonly (readonly [Behaviour, Estimate])[] {
  return (Object.entries(behaviours) as [Behaviour, Estimate][])
    .filter(([, { share, high }]) => share >= 0.005 || high >= 0.05)
    .sort((a, b) => b[1].share - a[1].share);
}
