/** What kind of meter a reading comes from. */
export const READING_SOURCES = ['bmc', 'pdu', 'feeder', 'meter', 'switch', 'scheduler', 'requests'] as const;
export type ReadingSource = (typeof READING_SOURCES)[number];

/** What a meter, BMC, PDU outlet, feeder or switch port reports, out-of-band. */
export interface Reading {
  readonly source: ReadingSource;
  readonly site: string;
  /** The meter's own identity. */
  readonly meter: string;
  /** The node it measures, where it measures exactly one. */
  readonly node: string | null;
  /** End of the interval by the meter's clock, Unix ms. */
  readonly endMs: number;
  readonly intervalMs: number;
  readonly powerWatts: number | null;
  /** Cumulative, as the meter counts it. */
  readonly energyJoules: number | null;
}
