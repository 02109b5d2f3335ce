import { useState } from 'preact/hooks';
import type { DossierView } from '../../api/contract/node.ts';
import { metricName } from '../format.ts';
import { Segments } from '../parts/segments.tsx';
import { Empty } from '../parts/states.tsx';
import { Spell } from '../parts/when.tsx';
import { Chart } from './chart.tsx';
import type { MetricInfo } from './chart-data.ts';
import { heaviestOf } from './entities.ts';
import { hoursOf, LENGTHS, lastHours, type Range, shifted, zoomed } from './range.ts';

/** Shown when nobody has chosen: what an assessment looks at first. */
const USUAL: readonly string[] = [
  'node_power_watts',
  'cpu_utilization_ratio',
  'network_transmit_bytes_per_second',
  'network_receive_bytes_per_second',
  'memory_used_ratio',
  'load_average_1m',
  'gpu_power_watts',
  'gpu_utilization_ratio',
  'gpu_tensor_active_ratio',
  'gpu_dram_active_ratio',
  'gpu_sm_active_ratio',
  'gpu_memory_used_ratio',
];
const AT_FIRST = 6;
const WEEK_MS = 7 * 24 * 3_600_000;

interface Props {
  readonly dossier: DossierView;
  /** Empty until it is there. */
  readonly catalogue: readonly MetricInfo[];
}

/** What was measured, over time: the charts of one entity, all over the same time. */
export function Charts({ dossier, catalogue }: Props) {
  const { entities } = dossier;
  const [entityName, setEntity] = useState(() => entityAtFirst(dossier));
  const [endMs] = useState(() => newestMs(dossier));
  const [range, setRange] = useState<Range>(() => lastHours(endMs, '24'));
  const [added, setAdded] = useState<readonly string[]>([]);
  const entity = entities.find(({ name }) => name === entityName) ?? entities[0];
  if (!entity)
    return (
      <Empty title="Nothing has been stored yet">
        <p>Charts come with the first frames that the writer stores, a few seconds after the node reports.</p>
      </Empty>
    );
  const measured = catalogue.filter(({ name }) => entity.metrics.includes(name));
  const first = USUAL.filter((name) => entity.metrics.includes(name)).slice(0, AT_FIRST);
  const names = [
    ...(first.length > 0 ? first : measured.slice(0, AT_FIRST).map(({ name }) => name)),
    ...added,
  ];
  const shown = [...new Set(names)].flatMap((name) => measured.find((metric) => metric.name === name) ?? []);
  return (
    <section class="stack" aria-labelledby="charts">
      <div class="section-head">
        <h2 id="charts">Measured</h2>
        <Picker
          names={entities.map(({ name }) => name)}
          entity={entity.name}
          setEntity={setEntity}
          range={range}
          endMs={endMs}
          setRange={setRange}
        />
      </div>
      <div class="chart-grid">
        {shown.map((metric) => (
          <Chart
            key={`${entity.name} ${metric.name}`}
            node={dossier.node}
            entity={entity.name}
            metric={metric}
            range={range}
            findings={dossier.findings}
            setRange={setRange}
          />
        ))}
      </div>
      <More
        metrics={measured.filter((metric) => !shown.includes(metric))}
        add={(name) => setAdded([...added, name])}
      />
    </section>
  );
}

/** What the newest verdict speaks of most, else what goes on; else the first GPU. */
function entityAtFirst({ assessment, findings, entities }: DossierView): string {
  const names = entities.map(({ name }) => name);
  const open = findings.filter(({ status }) => status === 'open').flatMap(({ reasons }) => reasons);
  const named = heaviestOf(assessment?.reasons ?? [], names) ?? heaviestOf(open, names);
  return named ?? names.find((name) => name !== 'host') ?? 'host';
}

/** Where the charts end: now, or with the newest verdict of a node that is long gone. */
function newestMs({ assessment }: DossierView): number {
  const nowMs = Date.now();
  const last = assessment?.windowEndMs ?? nowMs;
  return Math.ceil((nowMs - last > WEEK_MS ? last : nowMs) / 60_000) * 60_000;
}

interface PickerProps {
  readonly names: readonly string[];
  readonly entity: string;
  readonly setEntity: (name: string) => void;
  readonly range: Range;
  readonly endMs: number;
  readonly setRange: (range: Range) => void;
}

function Picker({ names, entity, setEntity, range, endMs, setRange }: PickerProps) {
  return (
    <div class="row">
      <span class="small soft">
        <Spell {...range} />
      </span>
      <div class="segments" role="group" aria-label="Move the time shown">
        <button type="button" aria-label="Earlier" onClick={() => setRange(shifted(range, -1))}>
          ←
        </button>
        <button type="button" aria-label="Closer" onClick={() => setRange(zoomed(range, 0.5))}>
          +
        </button>
        <button type="button" aria-label="Wider" onClick={() => setRange(zoomed(range, 2))}>
          −
        </button>
        <button type="button" aria-label="Later" onClick={() => setRange(shifted(range, 1))}>
          →
        </button>
      </div>
      <Segments
        label="Length of time"
        chosen={hoursOf(range) ?? ''}
        choices={LENGTHS}
        choose={(hours) => hours !== '' && setRange(lastHours(endMs, hours))}
      />
      {names.length > 1 && (
        <label class="row small soft">
          Of
          <select value={entity} onChange={(event) => setEntity(event.currentTarget.value)}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function More({
  metrics,
  add,
}: {
  readonly metrics: readonly MetricInfo[];
  readonly add: (name: string) => void;
}) {
  if (metrics.length === 0) return null;
  return (
    <label class="row small soft">
      One more chart
      <select value="" onChange={(event) => event.currentTarget.value && add(event.currentTarget.value)}>
        <option value="">choose a metric</option>
        {metrics.map(({ name }) => (
          <option key={name} value={name}>
            {metricName(name)} ({name})
          </option>
        ))}
      </select>
    </label>
  );
}
