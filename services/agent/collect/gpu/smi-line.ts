import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { BYTES_PER_MIB, HERTZ_PER_MEGAHERTZ } from './units.ts';

const PERCENT = 0.01;

/** Fields of `--query-gpu` that every driver since 396 knows (one unknown field ends the whole query), and gauges. */
const FIELDS: readonly (readonly [field: string, gauge: string, factor: number])[] = [
  ['power.draw', 'gpu_power_watts', 1],
  ['utilization.gpu', 'gpu_utilization_ratio', PERCENT],
  ['utilization.memory', 'gpu_memory_controller_utilization_ratio', PERCENT],
  ['temperature.gpu', 'gpu_temperature_celsius', 1],
  ['clocks.sm', 'gpu_sm_clock_hertz', HERTZ_PER_MEGAHERTZ],
  ['clocks.mem', 'gpu_memory_clock_hertz', HERTZ_PER_MEGAHERTZ],
  ['enforced.power.limit', 'gpu_power_limit_watts', 1],
  ['power.default_limit', 'gpu_power_limit_default_watts', 1],
  ['clocks.max.sm', 'gpu_sm_clock_maximum_hertz', HERTZ_PER_MEGAHERTZ],
  ['clocks.max.mem', 'gpu_memory_clock_maximum_hertz', HERTZ_PER_MEGAHERTZ],
  ['pcie.link.gen.current', 'gpu_pcie_link_generation', 1],
  ['pcie.link.width.current', 'gpu_pcie_link_width', 1],
];
const MEMORY_FIELDS = ['memory.used', 'memory.total'] as const;
const GAUGES = FIELDS.map(([, gauge, factor]) => ({ ordinal: gaugeOrdinal('gpu', gauge), factor }));
const MEMORY_USED = gaugeOrdinal('gpu', 'gpu_memory_used_bytes');
const MEMORY_USED_RATIO = gaugeOrdinal('gpu', 'gpu_memory_used_ratio');

export const SMI_QUERY = ['index', 'uuid', ...MEMORY_FIELDS, ...FIELDS.map(([field]) => field)].join(',');

/** What one line says of one GPU. */
export interface SmiReading {
  readonly index: number;
  readonly uuid: string;
  /** Ordinals of gauges and their values in base units, NaN where there is none. */
  readonly gauges: readonly (readonly [ordinal: number, value: number])[];
}

/**
 * Reads a line of `nvidia-smi --query-gpu=SMI_QUERY --format=csv,noheader,nounits`.
 * @returns null for what is no such line: messages of errors come on the same stream.
 */
export function parseSmiLine(line: string): SmiReading | null {
  const [index = '', uuid = '', used = '', total = '', ...rest] = line.split(',').map((part) => part.trim());
  if (!(/^\d+$/.test(index) && uuid.startsWith('GPU-')) || rest.length !== FIELDS.length) return null;
  const usedMiB = smiNumber(used);
  return {
    index: Number(index),
    uuid,
    gauges: [
      [MEMORY_USED, usedMiB * BYTES_PER_MIB],
      [MEMORY_USED_RATIO, usedMiB / smiNumber(total)],
      ...GAUGES.map(({ ordinal, factor }, i) => [ordinal, smiNumber(rest[i] ?? '') * factor] as const),
    ],
  };
}

/** `71.45` → 71.45; `[N/A]`, `[Not Supported]`, `[Unknown Error]`, `[GPU is lost]` … → NaN. */
export function smiNumber(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
