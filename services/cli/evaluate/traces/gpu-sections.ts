import type { Example } from '#libs/detect/evidence/fit.ts';
import type { Score, Scorer } from '#libs/detect/evidence/score.ts';
import { areaInWords, familiesOf, isPow, LEAST_FAMILIES } from './families.ts';
import { type LeftOutGpu, leaveOutGpus } from './left-out-gpus.ts';
import type { GpuWindow } from './recorded-gpus.ts';
import { hasProfile, isOrdinary, verdictOf } from './scores.ts';
import type { Section } from './section.ts';

const UTILIZATION = 'gpu-utilization';

/**
 * Recorded GPUs with profiling counters, each family put to fits that have not seen it. Empty with too few families.
 * @param simulated what the fits learn from beside the other recordings
 */
export function gpuSections(
  windows: readonly GpuWindow[],
  simulated: readonly Example[],
  shipped: Scorer,
): Section[] {
  const profiled = windows.filter(({ values }) => hasProfile(values));
  if (familiesOf(profiled) < LEAST_FAMILIES) return [];
  const judged = leaveOutGpus(profiled, simulated, shipped);
  const utilization = shipped.tables.features.findIndex(({ name }) => name === UTILIZATION);
  const ranking = rankingSection(judged, ({ values }) => values[utilization] ?? Number.NaN);
  return [familySection(judged), ...(ranking.rows.length > 0 ? [ranking] : [])];
}

function familySection(judged: readonly LeftOutGpu[]): Section {
  const families = [...Map.groupBy(judged, ({ family }) => family)].sort(
    ([, [a]], [, [b]]) => Number(a && isPow(a)) - Number(b && isPow(b)),
  );
  return {
    title: 'Recorded GPUs: one family left out',
    note: 'Windows of one GPU with profiling counters, labelled throughout, as of a node declared B0 to B3 without bounds. As shipped: the model, which no recording is in. Taught: a fit of simulated machines and of the recordings of all other families but the mixed. Open: unknown or cannot tell. Recognised: the likeliest behaviour is the true one. Runs of one GPU for a minute or less are few and no sample of anybody’s work.',
    head: ['family', 'label', 'recordings', 'windows', ...columns('as shipped'), ...columns('taught')],
    rows: families.map(([family, own]) => [
      family,
      [...new Set(own.map(({ label }) => label))].join(', '),
      new Set(own.map(({ trace }) => trace)).size,
      own.length,
      ...counts(own, ({ shipped }) => shipped),
      ...counts(own, ({ taught }) => taught),
    ]),
  };
}

const columns = (fit: string) => [`flagged ${fit}`, 'open', 'recognised'];

function counts(own: readonly LeftOutGpu[], scoreOf: (window: LeftOutGpu) => Score): number[] {
  const verdicts = own.map((window) => ({ ...verdictOf(scoreOf(window)), is: window.behaviour }));
  return [
    verdicts.filter(({ flagged }) => flagged).length,
    verdicts.filter(({ open }) => open).length,
    verdicts.filter(({ likeliest, is }) => likeliest === is).length,
  ];
}

const WORK = ['pow_hash_gpu', 'pow_matmul_gpu'];
const HONEST: readonly (readonly [name: string, is: (window: LeftOutGpu) => boolean])[] = [
  ['training', ({ label }) => label === 'ai_training'],
  ['inference', ({ label }) => label === 'ai_inference'],
  ['other honest work', ({ label, behaviour }) => isOrdinary(behaviour) && !label.startsWith('ai_')],
];

function rankingSection(judged: readonly LeftOutGpu[], utilization: (window: LeftOutGpu) => number): Section {
  const rows = WORK.flatMap((work) =>
    HONEST.flatMap(([name, is]) => {
      const [pow, honest] = [judged.filter(({ label }) => label === work), judged.filter(is)];
      if (pow.length === 0 || honest.length === 0) return [];
      const area = (score: (window: LeftOutGpu) => number) => areaInWords(pow, honest, score);
      return [
        [
          work,
          name,
          `${familiesOf(pow)} and ${familiesOf(honest)}`,
          `${pow.length} and ${honest.length}`,
          area(({ shipped }) => shipped.logOdds),
          area(({ taught }) => taught.logOdds),
          area(utilization),
        ],
      ];
    }),
  );
  return {
    title: 'Recorded GPUs: proof-of-work ranked above honest work',
    note: 'Area under the curve of the log odds of what nobody declares; 0.5 is chance. Each family is put to fits that have not seen it. Intervals are 95 %, of whole families drawn with replacement; from a handful of families they are too narrow.',
    head: ['work', 'against', 'families', 'windows', 'as shipped', 'taught', 'GPU utilisation alone'],
    rows,
  };
}
