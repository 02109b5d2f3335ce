import { useLayoutEffect, useRef } from 'preact/hooks';
import { mostLikely } from '#libs/model/behaviour.ts';
import type { AssessmentView } from '../../api/contract/node.ts';
import { behaviourLabel } from '../fleet/describe.ts';
import { TimeAxis } from '../fleet/time-axis.tsx';
import { fitted } from '../parts/canvas.ts';
import { fill } from '../parts/colour.ts';
import type { Dimension } from '../parts/dimension.ts';
import { Swatch } from '../parts/swatch.tsx';
import { themeChanges } from '../parts/theme.tsx';
import { Spell, When } from '../parts/when.tsx';
import { useStore } from '../store.ts';
import { BEHAVIOUR_WORDS } from '../words.ts';

/** Verdicts are kept when they change and once an hour: one holds until the next, or this long. */
const HOLDS_MS = 65 * 60_000;
const LISTED = 100;

/** The kept verdicts of a node as three strips over one time axis, and as a list. */
export function VerdictHistory({ history }: { readonly history: readonly AssessmentView[] }) {
  const oldest = history.at(-1);
  const newest = history[0];
  if (!oldest || !newest) return null;
  const fromMs = oldest.windowStartMs;
  const toMs = newest.windowEndMs;
  return (
    <section class="card stack tight" aria-labelledby="verdict-history">
      <div class="section-head">
        <h2 id="verdict-history">Verdicts so far</h2>
        <span class="small soft">
          <Spell fromMs={fromMs} toMs={toMs} />; kept at every change and once an hour
        </span>
      </div>
      <div class="strip-rows small">
        <TimeAxis fromMs={fromMs} toMs={toMs} />
        <Line
          title="Behaviour"
          dimension="behaviour"
          history={history}
          range={[fromMs, toMs]}
          pick={({ behaviours }) => mostLikely(behaviours)}
        />
        <Line
          title="Conformity"
          dimension="conformity"
          history={history}
          range={[fromMs, toMs]}
          pick={({ conformity }) => conformity}
        />
        <Line
          title="Trust"
          dimension="grade"
          history={history}
          range={[fromMs, toMs]}
          pick={({ grade }) => grade}
        />
      </div>
      <details>
        <summary class="small soft">As a list</summary>
        <section class="scroll history-list" tabIndex={0} aria-label="Verdicts">
          <table class="small">
            <thead>
              <tr>
                <th scope="col">Window's end</th>
                <th scope="col">Behaviour</th>
                <th scope="col">Conformity</th>
                <th scope="col">Trust</th>
                <th scope="col">Revision</th>
              </tr>
            </thead>
            <tbody>
              {history.slice(0, LISTED).map((one) => (
                <tr key={`${one.windowEndMs} ${one.revision}`}>
                  <td>
                    <When ms={one.windowEndMs} by="clock" />
                  </td>
                  <td>
                    {mostLikely(one.behaviours)} {BEHAVIOUR_WORDS[mostLikely(one.behaviours)]}
                  </td>
                  <td>{one.conformity}</td>
                  <td>{one.grade}</td>
                  <td>
                    <code>{one.revision.slice(0, 12)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

interface LineProps {
  readonly title: string;
  readonly dimension: Dimension;
  readonly history: readonly AssessmentView[];
  readonly range: readonly [fromMs: number, toMs: number];
  readonly pick: (assessment: AssessmentView) => string;
}

function Line({ title, dimension, history, range, pick }: LineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  const [fromMs, toMs] = range;
  // Another theme has other colours.
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element && fitted(element);
    if (!element || !context) return;
    const at = (ms: number) => Math.round(((ms - fromMs) * element.width) / Math.max(1, toMs - fromMs));
    let untilMs = toMs;
    for (const one of history) {
      const end = Math.min(untilMs, one.windowStartMs + HOLDS_MS);
      const x = at(one.windowStartMs);
      fill(context, dimension, pick(one), [x, 0, at(end) - x, element.height]);
      untilMs = one.windowStartMs;
    }
  }, [history, dimension, fromMs, toMs, theme]);
  const changes = history.filter(
    (one, index) => index === 0 || pick(one) !== pick(history[index - 1] ?? one),
  );
  return (
    <>
      <span class="soft">{title}</span>
      <canvas
        ref={canvas}
        class="history-strip"
        role="img"
        aria-label={`${title}, newest first: ${changes.slice(0, 8).map(pick).join(', ')}`}
      />
      <ul class="share-list strip-legend">
        {[...new Set(changes.map(pick))].map((value) => (
          <li key={value}>
            <Swatch dimension={dimension} value={value} />
            {dimension === 'behaviour' ? behaviourLabel(value) : value}
          </li>
        ))}
      </ul>
    </>
  );
}
