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
