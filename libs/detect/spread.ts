import type { Metric } from '#libs/model/catalogue.ts';
import type { DetectParameters } from './parameters.ts';

/** Smallest spread that is believed of a metric around `level`, in its unit. */
export function smallestSpread(metric: Metric, level: number, parameters: DetectParameters): number {
  return Math.max(floorOf(metric, parameters), spreadRatioOf(metric, parameters) * Math.abs(level));
}

/** Share of a large value below which no spread is believed. */
export function spreadRatioOf({ unit }: Metric, parameters: DetectParameters): number {
  return unit === 'By/s' ? parameters.spreadRatioOfRates : parameters.spreadRatio;
}

/** Smallest spread that is believed near zero, in the metric's unit. */
export function floorOf({ name, unit }: Metric, parameters: DetectParameters): number {
  if (name === 'cpu_power_watts') return parameters.spreadOfCpuWatts;
  if (unit === '1') return parameters.spreadOfRatios;
  if (unit === 'W') return parameters.spreadOfWatts;
  if (unit === 'By/s') return parameters.spreadOfRates;
  return parameters.spreadOfOthers;
}

/** Weight of a distance in units of its limit, in nats: 1 at the limit, never above the cap. */
export function weigh(distance: number, parameters: DetectParameters): number {
  return Math.min(parameters.weightCap, round(distance));
}

/** Three significant decimals: weights and levels are read by people. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** A value with its unit, for a sentence: `83.1 %`, `7,912 W`. */
export function show(metric: Metric, value: number): string {
  if (metric.unit === '1') return `${(value * 100).toFixed(1)} %`;
  const digits = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return `${digits} ${metric.unit}`;
}

/** A metric's name as words: `gpu_power_watts` → `gpu power watts`. */
export function inWords(metric: Metric): string {
  return metric.name.replaceAll('_', ' ');
}
