import { useMemo } from 'preact/hooks';
import type { Heartbeat } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, GRADES, type Grade } from '#libs/model/behaviour.ts';
import { count } from '../format.ts';
import { Swatch } from '../parts/swatch.tsx';
import { BEHAVIOUR_WORDS, HEARTBEAT_WORDS } from '../words.ts';
import type { BoardData } from './board-data.ts';
import { FACETS, type Facet, type Filter, NONE, type Selection, toggled, valuesOf } from './filter.ts';

interface Props {
  readonly board: BoardData;
  readonly filter: Filter;
  readonly selection: Selection;
  readonly change: (filter: Filter) => void;
}

const FACET_TITLES: Readonly<Record<Facet, string>> = {
  conformity: 'Conformity',
  heartbeat: 'Heartbeat',
  behaviour: 'Behaviour',
  grade: 'Trust grade',
};

/** Search, and the legend: a click on a value shows only the nodes that have it now. */
export function FilterPanel({ board, filter, selection, change }: Props) {
  const sites = useMemo(() => distinct(board.nodes.map((node) => node.site)), [board]);
  const tenants = useMemo(() => distinct(board.nodes.map((node) => node.tenant ?? NONE)), [board]);
  const narrow = matchMedia('(max-width: 60rem)').matches;
  return (
    <search class="filters">
      <label class="field">
        <span>Find</span>
        <input
          type="search"
          placeholder="name, site, hardware"
          value={filter.text}
          onInput={(event) => change({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      <div class="filters-pair">
        <Choice
          label="Site"
          all={sites}
          chosen={filter.site}
          choose={(site) => change({ ...filter, site })}
        />
        <Choice
          label="Tenant"
          all={tenants}
          chosen={filter.tenant}
          choose={(tenant) => change({ ...filter, tenant })}
        />
      </div>
      <details class="facets" open={!narrow}>
        <summary>Legend and filters</summary>
        {FACETS.map((facet) => (
          <FacetList key={facet} facet={facet} filter={filter} selection={selection} change={change} />
        ))}
      </details>
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: readonly string[];
  readonly chosen: string | null;
  readonly choose: (value: string | null) => void;
}

function Choice({ label, all, chosen, choose }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={chosen ?? ''} onChange={(event) => choose(event.currentTarget.value || null)}>
        <option value="">all {all.length}</option>
        {all.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FacetProps extends Pick<Props, 'filter' | 'selection' | 'change'> {
  readonly facet: Facet;
}

function FacetList({ facet, filter, selection, change }: FacetProps) {
  const counts = selection.counts[facet];
  const values = [...valuesOf(facet), NONE].filter(
    (value) => (counts.get(value) ?? 0) > 0 || filter.facets[facet].has(value),
  );
  return (
    <section class="facet" aria-label={FACET_TITLES[facet]}>
      <h2>{FACET_TITLES[facet]}</h2>
      <ul>
        {values.map((value) => (
          <li key={value}>
            <button
              type="button"
              aria-pressed={filter.facets[facet].has(value)}
              title={meaning(facet, value)}
              onClick={() => change(toggled(filter, facet, value))}
            >
              {facet === 'heartbeat' || value === NONE ? (
                <span class={`beat ${value}`} aria-hidden="true" />
              ) : (
                <Swatch dimension={facet} value={value} />
              )}
              <span class="facet-name">{label(facet, value)}</span>
              <span class="facet-count">{count(counts.get(value) ?? 0)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function label(facet: Facet, value: string): string {
  if (value === NONE) return 'no verdict yet';
  if (facet === 'behaviour') return `${value} ${BEHAVIOUR_WORDS[value as Behaviour]}`;
  if (facet === 'heartbeat') return HEARTBEAT_WORDS[value as Heartbeat];
  return value;
}

function meaning(facet: Facet, value: string): string {
  if (facet === 'behaviour') return BEHAVIOURS[value as Behaviour] ?? '';
  if (facet === 'grade') return GRADES[value as Grade] ?? '';
  return '';
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
