import { ENTITY_KINDS, type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';

/** Where a column of a trace goes: a gauge of the catalogue. */
export interface TraceColumn {
  readonly kind: EntityKind;
  readonly ordinal: number;
}

/** Names in which trace files differ from the catalogue. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  gpu_pcie_tx_bytes_per_second: 'gpu_pcie_transmit_bytes_per_second',
  gpu_pcie_rx_bytes_per_second: 'gpu_pcie_receive_bytes_per_second',
  gpu_nvlink_tx_bytes_per_second: 'gpu_nvlink_transmit_bytes_per_second',
  gpu_nvlink_rx_bytes_per_second: 'gpu_nvlink_receive_bytes_per_second',
  fabric_tx_bytes_per_second: 'fabric_transmit_bytes_per_second',
  fabric_rx_bytes_per_second: 'fabric_receive_bytes_per_second',
};

/** Gauges that a file may have, by their names in the catalogue. */
const GAUGES = new Map(
  ENTITY_KINDS.flatMap((kind) =>
    LAYOUTS[kind].gauges.flatMap(({ name, statistic }, ordinal) =>
      statistic === 'mean' ? [[name, { kind, ordinal }] as const] : [],
    ),
  ),
);

/** The gauge a column of a trace file holds; null for labels, times, and what the catalogue does not have. */
export function traceColumn(name: string): TraceColumn | null {
  return GAUGES.get(OTHER_NAMES[name] ?? name) ?? null;
}

/** What an agent must be able to read for a column: L1 power, L2 also `nvidia-smi`, L3 also DCGM. */
export const TRACE_LEVELS = ['L1', 'L2', 'L3'] as const;
export type TraceLevel = (typeof TRACE_LEVELS)[number];

const PROFILED = /^gpu_(sm|tensor|dram)_active_ratio$|^gpu_(pcie|nvlink)_/;

/** The level from which on a column is readable. */
export function traceLevel(name: string): TraceLevel {
  if (PROFILED.test(name)) return 'L3';
  return name.endsWith('_power_watts') || name.startsWith('fabric_') ? 'L1' : 'L2';
}
