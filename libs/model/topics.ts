/** The topics of the bus. Each service prefixes them with the configured namespace (`davylamp.` by default). */
export interface TopicSpec {
  readonly name: string;
  /** The newest message of a key is kept for ever, the rest may go. */
  readonly compacted: boolean;
  /** `null`: one partition for the whole installation; else the configured number. */
  readonly partitions: 1 | null;
  /** 0: kept for ever. */
  readonly retentionHours: number;
}

export const TOPICS = {
  /** Frames and ticks; key = node, ticks name their partition. */
  frames: { name: 'frames', compacted: false, partitions: null, retentionHours: 72 },
  /** Readings of meters and ticks; key = site. */
  readings: { name: 'readings', compacted: false, partitions: null, retentionHours: 72 },
  /** One-minute summaries, assessments and ticks of stage 1; key = site. */
  observations: { name: 'observations', compacted: false, partitions: null, retentionHours: 72 },
  findings: { name: 'findings', compacted: false, partitions: null, retentionHours: 720 },
  /** Nodes whose every frame is stored; key = node, empty value = no longer. */
  resolution: { name: 'resolution', compacted: true, partitions: 1, retentionHours: 0 },
  /** Detector state with the next offset; key = stage/partition/part. */
  checkpoints: { name: 'checkpoints', compacted: true, partitions: null, retentionHours: 0 },
  /** What could not be read or stored: raw bytes, origin and reason in headers. */
  dead: { name: 'dead', compacted: false, partitions: 1, retentionHours: 720 },
} as const satisfies Record<string, TopicSpec>;

export type TopicName = keyof typeof TOPICS;
