import type { Gathering } from '../gathering.ts';

/** Where the kernel shows itself: `/proc` and `/sys`, or captured copies of them. */
export interface Roots {
  readonly procRoot: string;
  readonly sysRoot: string;
}

/** Reads one source. It keeps what it needs between samples: descriptors, last counters. */
export interface Collector {
  /**
   * Takes one sample into the frame being gathered. A missing value is simply not written.
   * @param atSeconds monotonic time; only differences mean anything.
   * @throws whatever reading throws: the source is closed and tried again later.
   */
  sample(gathering: Gathering, atSeconds: number): void;
  /** Once a frame, after its last sample: what is not a sample but an account of the whole interval. */
  report?(gathering: Gathering, atSeconds: number): void;
  close(): void;
}

/** How a collector is started. */
export interface CollectorSpec {
  /** Label of the agent's own metrics. */
  readonly name: string;
  /** `sample`: at every sample (1 Hz). `frame`: once a frame, for what changes slowly or costs more. */
  readonly pace: 'sample' | 'frame';
  /** @throws when the source does not exist here or may not be read: it is absent, never zero. */
  open(roots: Roots): Collector;
}
