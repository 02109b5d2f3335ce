import { type EntityKind, gaugeOrdinal } from '#libs/model/catalogue.ts';

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

/** Columns that are no gauges: labels, times, and what is said once of a device. */
const OTHERS = new Set(['time_s', 'gpu', 'behaviour', 'gpu_memory_total_bytes']);

/** The gauge a column of a trace file holds; null for one that is no gauge. @throws RangeError for an unknown name */
export function traceColumn(name: string): TraceColumn | null {
  if (OTHERS.has(name)) return null;
  const kind = name.startsWith('gpu_') ? 'gpu' : 'host';
  return { kind, ordinal: gaugeOrdinal(kind, OTHER_NAMES[name] ?? name) };
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
