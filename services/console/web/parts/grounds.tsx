import type { GroundView } from '../../api/contract/alerts.ts';
import { isSynthetic, plotOf } from '../decides/anchor.ts';
import { inLocalTime, sentence } from '../format.ts';
import { RULE_WORDS } from '../words.ts';
import { Synthetic } from './tags.tsx';
import { useNow } from './when.tsx';

interface Props {
  readonly reasons: readonly GroundView[];
  readonly counterReasons: readonly GroundView[];
  readonly unseen: readonly string[];
  /** Its headings stand below one of the level before. */
  readonly level?: 'h3' | 'h4';
}

/** Grounds, counter-grounds and what cannot be seen, side by side, all weights on one scale. */
export function Grounds({ reasons, counterReasons, unseen, level: Heading = 'h4' }: Props) {
  const largest = Math.max(1, ...[...reasons, ...counterReasons].map(({ weight }) => Math.abs(weight)));
  return (
    <div class="grounds">
      <List title="Grounds" grounds={reasons} largest={largest} Heading={Heading} />
      <List title="Counter-grounds" grounds={counterReasons} largest={largest} Heading={Heading} />
      <section class="unseen">
        <Heading>What it cannot see</Heading>
        {unseen.length === 0 ? (
          <p class="small soft">Nothing is named.</p>
        ) : (
          <ul>
            {unseen.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        <p class="small">
          <a href="/decides">How this was decided</a>
        </p>
      </section>
    </div>
  );
}

interface ListProps {
  readonly title: string;
  readonly grounds: readonly GroundView[];
  /** The largest weight on the scale, either way. */
  readonly largest: number;
  readonly Heading: 'h3' | 'h4';
}

function List({ title, grounds, largest, Heading }: ListProps) {
  const nowMs = useNow();
  return (
    <section>
      <Heading>{title}</Heading>
      {grounds.length === 0 && <p class="small soft">None was found.</p>}
      <ul>
        {grounds.map((ground, index) => (
          <li key={index} class="ground">
            <p>{sentence(inLocalTime(ground.text, nowMs))}</p>
            <p class="ground-weight">
              <Weight weight={ground.weight} largest={largest} />
              <Rule ground={ground} />
              <Synthetic when={isSynthetic(ground)} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What found it; for evidence of a behaviour, the plot of its feature. */
function Rule({ ground }: { readonly ground: GroundView }) {
  const words = RULE_WORDS[ground.rule] ?? ground.rule;
  const plot = plotOf(ground);
  return plot === null ? words : <a href={plot}>{words}</a>;
}

/** A bar from the middle: to the right it speaks for a deviation, to the left against one. */
function Weight({ weight, largest }: { readonly weight: number; readonly largest: number }) {
  const share = Math.min(1, Math.abs(weight) / largest) * 50;
  const side = weight >= 0 ? { left: '50%', width: `${share}%` } : { right: '50%', width: `${share}%` };
  const text = `${weight >= 0 ? '+' : '−'}${Math.abs(weight).toFixed(1)}`;
  return (
    <span class="weight" title={`weight ${text} nats: ${weight >= 0 ? 'for' : 'against'} a deviation`}>
      <i class="weight-bar" aria-hidden="true">
        <i class={weight >= 0 ? 'for' : 'against'} style={side} />
      </i>
      <span class="weight-number">{text}</span>
    </span>
  );
}
