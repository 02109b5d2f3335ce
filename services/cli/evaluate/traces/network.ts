import { type RecordedFlow, recordedFlows } from '#libs/traces/recording/network-trace.ts';
import { type ListedTrace, readTrace } from './catalogue.ts';
import { wilson } from './quality.ts';
import { percent, type Section } from './section.ts';

/** Connections of one recording. */
export interface RecordedNetwork {
  readonly id: string;
  readonly flows: readonly RecordedFlow[];
}

/** A connection that was seen for less has no rhythm yet. */
const LEAST_SECONDS = 60;
/** How far outside the others' sessions a left-out source may lie, in factors: nobody's pool is just like another's. */
const MARGIN = 3;
/** Share of a source's sessions at each end that does not widen the range. */
const TAIL = 0.05;

/** Rates each way, size of what goes at a time, share of the seconds in which something goes, busiest frame; log10. */
function rhythm(flow: RecordedFlow): number[] {
  const { ageSeconds, bytesUp, bytesDown, activeSecondsUp, activeSecondsDown } = flow;
  const ratios = [
    bytesUp / ageSeconds,
    bytesDown / ageSeconds,
    bytesUp / Math.max(1, activeSecondsUp),
    bytesDown / Math.max(1, activeSecondsDown),
    Math.max(1, activeSecondsUp) / ageSeconds,
    Math.max(1, activeSecondsDown) / ageSeconds,
    flow.busiestUp,
    flow.busiestDown,
  ];
  return ratios.map((ratio) => Math.log10(Math.max(1e-6, ratio)));
}

export async function readNetworks(
  directory: string,
  traces: readonly ListedTrace[],
): Promise<RecordedNetwork[]> {
  const networks: RecordedNetwork[] = [];
  for (const trace of traces) {
    const flows = recordedFlows(await readTrace(directory, trace));
    networks.push({ id: trace.id, flows: flows.filter(({ ageSeconds }) => ageSeconds >= LEAST_SECONDS) });
  }
  return networks;
}

type Box = readonly (readonly [low: number, high: number])[];

/** The ranges in which the sessions of these sources lie, each source without its tails, with a margin. */
function boxOf(sources: readonly (readonly RecordedFlow[])[]): Box {
  const margin = Math.log10(MARGIN);
  const ranges = sources.map((flows) => {
    const rows = flows.map(rhythm);
    return (rows[0] ?? []).map((_, feature): readonly [number, number] => {
      const sorted = rows.map((row) => row[feature] ?? 0).sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
      return [at(TAIL), at(1 - TAIL)];
    });
  });
  return (ranges[0] ?? []).map((_, feature) => [
    Math.min(...ranges.map((range) => range[feature]?.[0] ?? 0)) - margin,
    Math.max(...ranges.map((range) => range[feature]?.[1] ?? 0)) + margin,
  ]);
}

function isInside(box: Box, flow: RecordedFlow): boolean {
  return rhythm(flow).every((value, feature) => {
    const [low, high] = box[feature] ?? [0, 0];
    return value >= low && value <= high;
  });
}

/** Pool sessions from rhythm and size alone, each source put to the ranges of the others; and ordinary connections. Null with fewer than two sources. */
export function networkSection(networks: readonly RecordedNetwork[]): Section | null {
  const of = (label: string) =>
    networks
      .map(({ id, flows }) => ({ id, flows: flows.filter((flow) => flow.label === label) }))
      .filter(({ flows }) => flows.length > 0);
  const pools = of('pool_session');
  if (pools.length < 2) return null;
  const all = boxOf(pools.map(({ flows }) => flows));
  const recall = pools.map(({ id, flows }) => {
    const box = boxOf(pools.filter((other) => other.id !== id).map((other) => other.flows));
    const found = flows.filter((flow) => isInside(box, flow)).length;
    return [`${id}, left out`, 'pool sessions', flows.length, found, percent(wilson(found, flows.length))];
  });
  const ordinary = of('ordinary').map(({ id, flows }) => {
    const hours = flows.reduce((sum, { ageSeconds }) => sum + ageSeconds, 0) / 3600;
    const taken = flows.filter((flow) => isInside(all, flow)).length;
    const [low, high] = poissonRate(taken, hours);
    return [
      id,
      'ordinary',
      flows.length,
      taken,
      `${(taken / hours).toFixed(1)} per flow-hour (${low.toFixed(1)}–${high.toFixed(1)})`,
    ];
  });
  return {
    title: 'Pool sessions by rhythm and size alone',
    note: `Connections seen for at least ${LEAST_SECONDS} s: rates, sizes and active seconds each way; no port, address or payload. A session is taken for one where it lies within the ranges of the other sources, widened by a factor of ${MARGIN}. Ordinary connections are put to the ranges of all sources. A measurement: what is taken of the ordinary ones says that rhythm and size over minutes do not tell a pool from an idle connection, so no verdict rests on them; nothing is claimed for other networks or longer sessions.`,
    head: ['source', 'kind', 'connections', 'taken for pool sessions', 'share, or rate'],
    rows: [...recall, ...ordinary],
  };
}

/**
 * About 95 % limits of a rate by the square-root approximation of a Poisson count: ((√k ± 1)², at least up to 3.7).
 */
function poissonRate(count: number, hours: number): readonly [number, number] {
  return [
    Math.max(0, Math.sqrt(count) - 0.98) ** 2 / hours,
    Math.max(3.7, (Math.sqrt(count + 1) + 0.98) ** 2) / hours,
  ];
}
