import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Column, ENTITY_KINDS, LAYOUT_ID, LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow, Frame } from '#libs/model/frame.ts';
import { type Entity, FrameSchema } from '#test/support/generated/frame_pb.ts';

/** The frame by the code that protoc-gen-es generated from the published `.proto`. */
export function encodeByGenerated(frame: Frame): Uint8Array {
  return toBinary(FrameSchema, messageOf(frame));
}

export function messageOf(frame: Frame) {
  return create(FrameSchema, {
    version: 1,
    node: frame.node,
    site: frame.site,
    boot: Buffer.from(frame.boot, 'hex'),
    sequence: BigInt(frame.sequence),
    endUnixMs: BigInt(frame.endMs),
    intervalMs: frame.intervalMs,
    samples: frame.samples,
    layout: LAYOUT_ID,
    previous: frame.previous.every((byte) => byte === 0) ? new Uint8Array() : frame.previous,
    entities: frame.entities.map((row) => ({
      kind: ENTITY_KINDS.indexOf(row.kind) + 1,
      index: row.index,
      id: row.id,
      gaugePresence: bitmapOf(row.gauges),
      gauges: [...row.gauges].filter((value) => !Number.isNaN(value)),
      counterPresence: bitmapOf(row.counters),
      counters: [...row.counters].filter((value) => !Number.isNaN(value)),
    })),
    flows: frame.flows.map((flow) => ({ ...flow, peer: Buffer.from(flow.peer, 'hex') })),
    groups: frame.groups.map((group) => ({ ...group })),
    covers: frame.covers.map(({ from, to }) => ({ from: BigInt(from), to: BigInt(to) })),
  });
}

/** The bitmap as the README tells it, written the slow way: a number in base 2. */
export function bitmapOf(values: Float32Array | Float64Array): Uint8Array {
  let bits = 0n;
  values.forEach((value, i) => {
    if (!Number.isNaN(value)) bits |= 1n << BigInt(i);
  });
  const bytes: number[] = [];
  for (; bits > 0n; bits >>= 8n) bytes.push(Number(bits & 255n));
  return Uint8Array.from(bytes);
}

/** What a reader should make of bytes, told by the generated code and the catalogue alone. */
export function decodeByGenerated(bytes: Uint8Array): { frame: Frame; faulty: string[] } {
  const message = fromBinary(FrameSchema, bytes);
  const faulty: string[] = [];
  const frame = {
    node: message.node,
    site: message.site,
    boot: Buffer.from(message.boot).toString('hex'),
    sequence: Number(message.sequence),
    endMs: Number(message.endUnixMs),
    intervalMs: message.intervalMs,
    samples: message.samples,
    previous: message.previous.length === 0 ? new Uint8Array(32) : Uint8Array.from(message.previous),
    entities: message.entities
      .filter(({ kind }) => kind === 1 || kind === 2)
      .map((entity) => rowOf(entity, faulty)),
    flows: message.flows.map((flow) => ({
      peer: Buffer.from(flow.peer).toString('hex'),
      ageSeconds: flow.ageSeconds,
      bytesUp: flow.bytesUp,
      bytesDown: flow.bytesDown,
      activeSecondsUp: flow.activeSecondsUp,
      activeSecondsDown: flow.activeSecondsDown,
    })),
    groups: message.groups.map((group) => ({
      label: group.label,
      cpuUtilizationRatio: group.cpuUtilizationRatio,
      memoryBytes: group.memoryBytes,
      gpuUtilizationRatio: group.gpuUtilizationRatio,
      gpuMemoryBytes: group.gpuMemoryBytes,
    })),
    covers: message.covers.map(({ from, to }) => ({ from: Number(from), to: Number(to) })),
  };
  return { frame, faulty };
}

function rowOf(entity: Entity, faulty: string[]): EntityRow {
  const kind = entity.kind === 1 ? 'host' : 'gpu';
  const { gauges, counters } = LAYOUTS[kind];
  return {
    kind,
    index: entity.index,
    id: entity.id,
    gauges: Float32Array.from(valuesOf(gauges, entity.gaugePresence, entity.gauges, faulty)),
    counters: Float64Array.from(valuesOf(counters, entity.counterPresence, entity.counters, faulty)),
  };
}

function valuesOf(
  columns: readonly Column[],
  bitmap: Uint8Array,
  values: number[],
  faulty: string[],
): number[] {
  let next = 0;
  return columns.map(({ name, metric }, i) => {
    if (!((bitmap[i >> 3] ?? 0) & (1 << (i & 7)))) return Number.NaN;
    const value = values[next++] ?? Number.NaN;
    const [min, max] = metric.plausible;
    if (value >= min && value <= max) return value;
    if (metric.kind === 'ratio' && value > max && value <= max + 1e-6) return max;
    if (metric.kind === 'ratio' && value < min && value >= min - 1e-6) return min;
    faulty.push(name);
    return Number.NaN;
  });
}
