import type { AlertState } from '#libs/model/alert.ts';
import type { Severity } from '#libs/model/finding.ts';

/** Sites that hold no real machines say so wherever they show. */
export function Simulated({ when }: { readonly when: boolean }) {
  return when ? <span class="tag simulated">simulated</span> : null;
}

/** Evidence that was learnt from simulated machines says so wherever it shows. */
export function Synthetic({ when }: { readonly when: boolean }) {
  if (!when) return null;
  return (
    <span class="tag simulated" title="What behaviours look like was learnt from simulated machines.">
      synthetic
    </span>
  );
}

export function SeverityTag({ severity }: { readonly severity: Severity }) {
  const look = { high: 'tag flame strong', medium: 'tag flame', low: 'tag', info: 'tag quiet' }[severity];
  return <span class={look}>{severity}</span>;
}

export function StateTag({ state }: { readonly state: AlertState }) {
  const waits = state === 'open' || state === 'escalated';
  const look = waits ? 'tag strong' : 'tag quiet';
  return <span class={look}>{state}</span>;
}
