import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FindingView } from '../../api/contract/alerts.ts';
import type { SeriesReply } from '../../api/contract/node.ts';
import { clockTime, inUnit, metricName, shortTime } from '../format.ts';
import { themeChanges } from '../parts/theme.tsx';
import { asked, drawn } from '../parts/timing.ts';
import { useNow } from '../parts/when.tsx';
import { useStore } from '../store.ts';
import { useLoad } from '../use-load.ts';
import { binsOf, columnsOf, extentInWords, extentOf, fieldsOf, type MetricInfo } from './chart-data.ts';
import { type Plot, plot } from './plot.ts';
import type { Range } from './range.ts';

interface Props {
  readonly node: string;
  readonly entity: string;
  readonly metric: MetricInfo;
  readonly range: Range;
  readonly findings: readonly FindingView[];
  readonly setRange: (range: Range) => void;
}

const ROWS = 12;

/** One metric over time: the mean as a line, min to max as a band; what was found is marked. */
export function Chart({ node, entity, metric, range, findings, setRange }: Props) {
  const fields = fieldsOf(metric);
  const query = `entity=${entity}&fields=${fields.join(',')}&fromMs=${range.fromMs}&toMs=${range.toMs}`;
  const path = `/api/nodes/${encodeURIComponent(node)}/series?${query}`;
  const { data, error } = useLoad<SeriesReply>(path);
  const newest = useRef<SeriesReply | null>(null);
  // While another range is under way the former stays in sight.
  newest.current = data ?? newest.current;
  const reply = newest.current;
  const extent = reply && extentOf(reply);
  const words = extent ? extentInWords(extent, metric.unit) : 'nothing was measured in this time';
  const timing = `chart ${path}`;
  useEffect(() => asked(timing), [timing]);
  return (
    <figure class="chart">
      <figcaption class="chart-head">
        <h3 title={`${metric.name}: ${metric.source}`}>{metricName(metric.name)}</h3>
        <span class="small soft">{extent ? words : ''}</span>
      </figcaption>
      <div class="chart-place">
        {error && <p class="empty-chart">{error.message}</p>}
        {!error && reply && !extent && <p class="empty-chart">Nothing was measured in this time.</p>}
        {reply && extent && (
          <Canvas
            reply={reply}
            metric={metric}
            range={range}
            findings={findings}
            setRange={setRange}
            timing={timing}
            label={`${metricName(metric.name)} of ${entity}: ${words}`}
          />
        )}
      </div>
      {reply && extent && <Values reply={reply} range={range} unit={metric.unit} />}
    </figure>
  );
}

interface CanvasProps extends Pick<Props, 'metric' | 'range' | 'findings' | 'setRange'> {
  readonly reply: SeriesReply;
  readonly label: string;
  /** Name of what is measured when it is drawn. */
  readonly timing: string;
}

function Canvas({ reply, metric, range, findings, setRange, label, timing }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Plot | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const theme = useStore(themeChanges);
  // Another theme has other colours.
  useLayoutEffect(() => {
    if (!place.current) return;
    chart.current = plot(place.current, {
      columns: columnsOf(reply),
      unit: metric.unit,
      range,
      findings,
      select: setRange,
      drawn: () => drawn(timing),
      point: (at) =>
        setPointed(
          at && `${clockTime(at.ms)} ${at.value === null ? 'not measured' : inUnit(at.value, metric.unit)}`,
        ),
    });
    return () => chart.current?.remove();
  }, [reply, metric.unit, findings, theme]);
  return (
    <>
      <div ref={place} role="img" aria-label={label} />
      {pointed && <span class="chart-readout">{pointed}</span>}
    </>
  );
}

interface ValuesProps {
  readonly reply: SeriesReply;
  readonly range: Range;
  readonly unit: string;
}

function Values({ reply, range, unit }: ValuesProps) {
  const nowMs = useNow();
  const [open, setOpen] = useState(false);
  const show = (value: number | null) => (value === null ? '–' : inUnit(value, unit));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && (
        <section class="scroll" tabIndex={0} aria-label="Values">
          <table class="small">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col" class="number">
                  Mean
                </th>
                <th scope="col" class="number">
                  Least
                </th>
                <th scope="col" class="number">
                  Most
                </th>
              </tr>
            </thead>
            <tbody>
              {binsOf(reply, range, ROWS).map((bin) => (
                <tr key={bin.fromMs}>
                  <td>{shortTime(bin.fromMs, nowMs)}</td>
                  <td class="number">{show(bin.mean)}</td>
                  <td class="number">{show(bin.min)}</td>
                  <td class="number">{show(bin.max)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
