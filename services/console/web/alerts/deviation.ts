import type { Ground } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { likenessOf } from '../decides/anchor.ts';
import { FINDING_WORDS } from '../words.ts';

const PAST: readonly string[] = ['own-past', 'young-past', 'drift'];

/**
 * What a deviation rests on, in plain sentences: only what its grounds say.
 * @param whose `its`, or `their` for several nodes
 */
export function deviationInWords(reasons: readonly Ground[], whose: 'its' | 'their'): string {
  const has = (rules: readonly string[]) => reasons.some(({ rule }) => rules.includes(rule));
  const bounds = new Set(reasons.filter(({ rule }) => rule === 'envelope').map(({ metric }) => metric)).size;
  const likenesses = likenessesIn(reasons);
  const spoken = likenesses.length > 0 || has(['sequential']);
  const claims = [
    bounds > 0 && `crossed ${bounds === 1 ? 'a declared bound' : `${bounds} declared bounds`}`,
    likenesses.length > 0 && `look like ${likenesses.join(' or ')}, which is not declared`,
    likenesses.length === 0 && spoken && 'spoke for what is not declared, over many windows',
    has(PAST) && `are unlike ${whose} own past`,
    has(['peers']) && `are unlike those of ${whose} peers`,
  ].filter((claim) => claim !== false);
  if (claims.length === 0) return FINDING_WORDS.deviation;
  const begin = whose === 'its' ? 'Its counters' : 'Their counters';
  const said = claims.map((claim, index) => `${index === 0 ? begin : 'They'} ${claim}.`);
  return [...said, ...(spoken && bounds === 0 ? ['No declared bound was crossed.'] : [])].join(' ');
}

/** `proof-of-work hashing on GPU (B4)`: each behaviour that a ground speaks for, once. */
function likenessesIn(reasons: readonly Ground[]): readonly string[] {
  const named = reasons.flatMap((reason) => codeOf(likenessOf(reason)) ?? []);
  return [...new Set(named)].map((code) => `${BEHAVIOURS[code]} (${code})`);
}

function codeOf(words: string | null): Behaviour | undefined {
  return (Object.keys(BEHAVIOURS) as Behaviour[]).find((code) => BEHAVIOURS[code] === words);
}
