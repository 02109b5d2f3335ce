import { Segments } from '../parts/segments.tsx';
import { currentSession } from '../session.ts';
import { flipped, isUsual, type QueueFilter, SEVERITIES, STATES } from './queue-filter.ts';

const ORDER_WORDS = [
  ['severity', 'gravest first'],
  ['newest', 'newest first'],
] as const;

interface Props {
  readonly filter: QueueFilter;
  readonly change: (changes: Partial<QueueFilter>) => void;
}

export function QueueFilters({ filter, change }: Props) {
  const { person } = currentSession();
  const mine = filter.assignee === person.name;
  return (
    <search class="row queue-filters">
      <Toggles
        label="State"
        all={STATES}
        chosen={filter.states}
        // Without any state nothing could be shown.
        choose={(states) => states.length > 0 && change({ states })}
      />
      <Toggles
        label="Severity"
        all={SEVERITIES}
        chosen={filter.severities}
        choose={(severities) => change({ severities })}
      />
      <Text label="Site" value={filter.site} set={(site) => change({ site })} />
      {person.role !== 'tenant' && (
        <Text label="Tenant" value={filter.tenant} set={(tenant) => change({ tenant })} />
      )}
      {person.role !== 'tenant' && (
        <button
          type="button"
          aria-pressed={mine}
          onClick={() => change({ assignee: mine ? '' : person.name })}
        >
          Mine
        </button>
      )}
      <Segments
        label="Order"
        chosen={filter.order}
        choices={ORDER_WORDS}
        choose={(order) => change({ order })}
      />
      {!isUsual(filter) && (
        <a class="small" href="/alerts">
          Usual view
        </a>
      )}
    </search>
  );
}

interface TogglesProps<Item extends string> {
  readonly label: string;
  readonly all: readonly Item[];
  readonly chosen: readonly Item[];
  readonly choose: (chosen: readonly Item[]) => void;
}

function Toggles<Item extends string>({ label, all, chosen, choose }: TogglesProps<Item>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {all.map((item) => (
        <button
          type="button"
          key={item}
          aria-pressed={chosen.includes(item)}
          onClick={() => choose(flipped(all, chosen, item))}
        >
          {item}
        </button>
      ))}
    </div>
  );
}

function Text({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  return (
    <input
      class="queue-text"
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => set(event.currentTarget.value.trim())}
    />
  );
}
