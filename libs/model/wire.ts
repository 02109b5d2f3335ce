import { ENTITY_KINDS, LAYOUTS } from './catalogue.ts';

/** Limits and tags of `frame.proto`, by hand: a test holds them against the generated code. */
export const SCHEMA_VERSION = 1;

export const MAX_FRAME_BYTES = 262_144;
/** One host and 64 GPUs. */
export const MAX_ENTITIES = 65;
export const MAX_ENTITY_INDEX = 63;
export const MAX_FLOWS = 256;
export const MAX_GROUPS = 64;
export const MAX_RUNS = 256;
export const MAX_LABEL_BYTES = 512;
export const MAX_INTERVAL_MS = 86_400_000;
/**
 * The highest number that a frame may have within a boot: a frame every millisecond reaches it after 34 years. So low
 * that the loss ledger adds up 8,192 boots exactly.
 */
export const MAX_SEQUENCE = 2 ** 40;
/** The latest time that a JavaScript Date can hold, Unix ms. */
export const MAX_TIME_MS = 8_640_000_000_000_000;
export const BOOT_BYTES = 16;
export const DIGEST_BYTES = 32;
export const PEER_BYTES = 8;
export const NAME_PATTERN = /^[A-Za-z0-9._-]{1,128}$/;
/** The same in words. */
export const NAME_EXPECTED = '1 to 128 letters, digits, dots, hyphens or underscores';
export const MAX_NAME_BYTES = 128;

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const GROUP_START = 3;
export const GROUP_END = 4;
export const FIXED32 = 5;

const varint = (field: number) => (field << 3) | VARINT;
const fixed64 = (field: number) => (field << 3) | FIXED64;
const fixed32 = (field: number) => (field << 3) | FIXED32;
const bytes = (field: number) => (field << 3) | BYTES;

export const FRAME_FIELDS = 14;
export const FRAME = {
  version: varint(1),
  node: bytes(2),
  site: bytes(3),
  boot: bytes(4),
  sequence: varint(5),
  end: varint(6),
  interval: varint(7),
  samples: varint(8),
  layout: varint(9),
  previous: bytes(10),
  entity: bytes(11),
  flow: bytes(12),
  group: bytes(13),
  run: bytes(14),
} as const;

export const ENTITY_FIELDS = 7;
export const ENTITY = {
  kind: varint(1),
  index: varint(2),
  id: bytes(3),
  gaugePresence: bytes(4),
  gauges: bytes(5),
  gauge: fixed32(5),
  counterPresence: bytes(6),
  counters: bytes(7),
  counter: fixed64(7),
} as const;

export const FLOW_FIELDS = 6;
export const FLOW = {
  peer: bytes(1),
  age: fixed32(2),
  bytesUp: fixed64(3),
  bytesDown: fixed64(4),
  activeUp: fixed32(5),
  activeDown: fixed32(6),
} as const;

export const GROUP_FIELDS = 5;
export const GROUP = {
  label: bytes(1),
  cpu: fixed32(2),
  memory: fixed64(3),
  gpu: fixed32(4),
  gpuMemory: fixed64(5),
} as const;

export const RUN_FIELDS = 2;
export const RUN = { from: varint(1), to: varint(2) } as const;

/** Distance between two rows in the gauges and in the counters of a {@link DecodedRows}: the widest kind. */
export const GAUGE_STRIDE = Math.max(...ENTITY_KINDS.map((kind) => LAYOUTS[kind].gauges.length));
export const COUNTER_STRIDE = Math.max(...ENTITY_KINDS.map((kind) => LAYOUTS[kind].counters.length));
