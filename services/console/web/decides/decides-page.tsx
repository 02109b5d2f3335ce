import { useEffect, useState } from 'preact/hooks';
import type { DecidesView } from '../../api/contract/decides.ts';
import { Page } from '../parts/page.tsx';
import { Failure, Waiting } from '../parts/states.tsx';
import { useLoad } from '../use-load.ts';
import { CalibrationCard } from './calibration.tsx';
import { Families } from './families.tsx';
import { Features } from './features.tsx';
import { Numbers } from './numbers.tsx';
import { Chapters } from './prose.tsx';
import { SeparationCard } from './separation.tsx';

/** Everything that verdicts are decided by, for whoever wants to check one. */
export function DecidesPage() {
  const { data, error, reload } = useLoad<DecidesView>('/api/decides');
  return (
    <Page title="How it decides" aside={data ? <Version decides={data} /> : null}>
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && <Waiting height={640} label="Loading how it decides" />}
      {data && <Decides decides={data} />}
    </Page>
  );
}

function Version({ decides: { detector, made } }: { readonly decides: DecidesView }) {
  return (
    <span class="row small soft">
      <span>
        Detector <code>{detector}</code>
      </span>
      <span class="tag simulated">evidence is {made.data}</span>
    </span>
  );
}

const PARTS = [
  ['#families', 'Families'],
  ['#features', 'Features'],
  ['#calibration', 'Calibration'],
  ['#parameters', 'Thresholds'],
] as const;

function Decides({ decides }: { readonly decides: DecidesView }) {
  const pointed = usePointed();
  return (
    <>
      <nav class="row small" aria-label="On this page">
        {PARTS.map(([href, text]) => (
          <a key={href} href={href}>
            {text}
          </a>
        ))}
      </nav>
      <Chapters {...decides} />
      <Families {...decides} />
      <Features {...decides} data={decides.made.data} pointed={pointed} />
      <SeparationCard {...decides} />
      <CalibrationCard {...decides} />
      <Numbers {...decides} />
    </>
  );
}

/** What the address points at; the page is long, and there only once it was loaded: it is brought into view. */
function usePointed(): string {
  const [pointed, setPointed] = useState(location.hash.slice(1));
  useEffect(() => {
    const point = () => setPointed(location.hash.slice(1));
    addEventListener('hashchange', point);
    return () => removeEventListener('hashchange', point);
  }, []);
  useEffect(() => {
    if (pointed !== '') document.getElementById(pointed)?.scrollIntoView();
  }, [pointed]);
  return pointed;
}
