import { BEHAVIOURS, type Behaviour, GRADES, type Grade } from '#libs/model/behaviour.ts';
import type { AssessmentView, DossierView } from '../../api/contract/node.ts';
import { percent } from '../format.ts';
import { Grounds } from '../parts/grounds.tsx';
import { Swatch } from '../parts/swatch.tsx';
import { Spell, When } from '../parts/when.tsx';
import { CONFORMITY_WORDS, HEARTBEAT_WORDS } from '../words.ts';
import { gpusIn } from './entities.ts';
import { Shares } from './shares.tsx';

interface Props {
  readonly assessment: AssessmentView;
  readonly declarations: DossierView['declarations'];
  /** How many it has, by what it has lately sent. */
  readonly gpus: number;
}

/** What an assessment can have without a source outside the node. */
const IN_BAND: readonly Grade[] = ['C', 'D'];

/** What the newest window showed, in words, with everything for and against it. */
export function Verdict({ assessment, declarations, gpus }: Props) {
  const { grade, heartbeat, windowStartMs, windowEndMs, coverageRatio, onset } = assessment;
  const shares = sharesOf(assessment);
  return (
    <section class="card stack" aria-labelledby="verdict">
      <div class="section-head">
        <h2 id="verdict">The newest window</h2>
        <span class="small soft">
          <Spell fromMs={windowStartMs} toMs={windowEndMs} />, <When ms={windowEndMs} />
        </span>
      </div>
      <p class="verdict-words">
        {sayBehaviour(shares)} <ConformityWords assessment={assessment} gpus={gpus} />
        {onset && (
          <>
            {' This began between '}
            <Spell {...onset} joint="and" />.
          </>
        )}
      </p>
      <Shares shares={shares} />
      <ul class="share-list">
        {shares.map(([behaviour, share]) => (
          <li key={behaviour}>
            <Swatch dimension="behaviour" value={behaviour} />
            <span>
              {behaviour} {BEHAVIOURS[behaviour]} <span class="soft">{percent(share)}</span>
            </span>
          </li>
        ))}
      </ul>
      <div class="verdict-facts">
        <div class="grade-line">
          <span class={grade === 'X' ? 'grade-mark x' : 'grade-mark'} aria-hidden="true">
            {grade}
          </span>
          <p>
            This window{IN_BAND.includes(grade) ? ', in band' : ''}: trust grade {grade}, {GRADES[grade]}.{' '}
            <span class="soft">
              {grade === 'A' || grade === 'B'
                ? 'Enough for consequences outside, once a second kind of evidence agrees.'
                : 'Consequences outside need A or B.'}
            </span>
          </p>
        </div>
        <dl class="facts small">
          <dt>Heartbeat</dt>
          <dd class={heartbeat === 'present' ? '' : 'flame-text'}>{HEARTBEAT_WORDS[heartbeat]}</dd>
          <dt>Frames of the window</dt>
          <dd>{percent(coverageRatio)} arrived</dd>
          <dt>Compared with</dt>
          <dd>
            {assessment.declaration ??
              (declarations.length > 0 ? 'no declaration in force' : 'no declaration')}
          </dd>
          <dt>Detector</dt>
          <dd>
            {assessment.detector}, revision <code>{assessment.revision.slice(0, 12)}</code>
          </dd>
        </dl>
      </div>
      <Grounds {...assessment} level="h3" />
    </section>
  );
}

function ConformityWords({ assessment, gpus }: Pick<Props, 'assessment' | 'gpus'>) {
  const { conformity, reasons } = assessment;
  const named = conformity === 'deviates' ? gpusIn(reasons) : [];
  // What all of its GPUs do needs no names.
  const words =
    named.length > 0 && named.length < gpus
      ? `At least ${named.join(' and ')} of its ${gpus} GPUs ${named.length === 1 ? 'lies' : 'lie'} outside the declaration in force.`
      : CONFORMITY_WORDS[conformity];
  return <span class={conformity === 'deviates' ? 'flame-text' : ''}>{words}</span>;
}

export type BehaviourShare = readonly [behaviour: Behaviour, share: number];

/** Behaviours with a share that can be seen, the largest first. */
function sharesOf({ behaviours }: AssessmentView): readonly BehaviourShare[] {
  return (Object.entries(behaviours) as [Behaviour, number][])
    .filter(([, share]) => share >= 0.005)
    .sort((a, b) => b[1] - a[1]);
}

function sayBehaviour(shares: readonly BehaviourShare[]): string {
  const [behaviour, share] = shares[0] ?? ['B13', 1];
  if (behaviour === 'B12') return 'The node reports nothing, or not what was measured elsewhere.';
  if (behaviour === 'B13')
    return 'Its counters fit none of the behaviours that are known: it is not said what it does.';
  const surely = share >= 0.9 ? '' : share >= 0.6 ? ' most' : ' somewhat more than anything else';
  return `Its counters look${surely} like ${BEHAVIOURS[behaviour]} (probability ${percent(share)}).`;
}
