import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ENTITY_KINDS, LAYOUT_ID } from '#libs/model/catalogue.ts';
import type { EntityRow, Frame } from '#libs/model/frame.ts';
import type { Random } from './arbitrary-frame.ts';
import { bitmapOf } from './generated-codec.ts';

type Field = (writer: BinaryWriter) => BinaryWriter;

/**
 * The frame in another form that the protobuf specification allows: fields in any order, scalars given twice (the
 * last one counts), repeated numbers packed, in pieces or one by one, fields nobody knows in between.
 */
export function scrambled(frame: Frame, random: Random): Uint8Array {
  const messages: Field[][] = [
    frame.entities.map((row) => part(11, entityFields(row, random), random)),
    frame.flows.map((flow) =>
      part(
        12,
        [
          ...twice((w) => w.tag(1, WireType.LengthDelimited).bytes(Buffer.from(flow.peer, 'hex')), random),
          ...twice((w) => w.tag(2, WireType.Bit32).float(flow.ageSeconds), random),
          ...twice((w) => w.tag(3, WireType.Bit64).double(flow.bytesUp), random),
          ...twice((w) => w.tag(4, WireType.Bit64).double(flow.bytesDown), random),
          ...twice((w) => w.tag(5, WireType.Bit32).float(flow.activeSecondsUp), random),
          ...twice((w) => w.tag(6, WireType.Bit32).float(flow.activeSecondsDown), random),
        ],
        random,
      ),
    ),
    frame.groups.map((group) =>
      part(
        13,
        [
          (w) => w.tag(1, WireType.LengthDelimited).string(group.label),
          (w) => w.tag(2, WireType.Bit32).float(group.cpuUtilizationRatio),
          (w) => w.tag(3, WireType.Bit64).double(group.memoryBytes),
          (w) => w.tag(4, WireType.Bit32).float(group.gpuUtilizationRatio),
          (w) => w.tag(5, WireType.Bit64).double(group.gpuMemoryBytes),
        ],
        random,
      ),
    ),
    frame.covers.map(({ from, to }) =>
      part(
        14,
        [(w) => w.tag(1, WireType.Varint).uint64(from), (w) => w.tag(2, WireType.Varint).uint64(to)],
        random,
      ),
    ),
  ];
  return message(
    [...headerFields(frame), ...interleaved(messages, random)],
    random,
    messages.flat(),
  ).finish();
}

function headerFields(frame: Frame): Field[] {
  const text = (number: number, value: string): Field[] => [
    (w) => w.tag(number, WireType.LengthDelimited).string('decoy'),
    (w) => w.tag(number, WireType.LengthDelimited).string(value),
  ];
  const raw = (number: number, value: Uint8Array): Field[] => [
    (w) => w.tag(number, WireType.LengthDelimited).bytes(new Uint8Array(value.length).fill(0xee)),
    (w) => w.tag(number, WireType.LengthDelimited).bytes(value),
  ];
  const whole = (number: number, value: number): Field[] => [
    (w) => w.tag(number, WireType.Varint).uint64(99),
    (w) => w.tag(number, WireType.Varint).uint64(value),
  ];
  return [
    ...whole(1, 1),
    ...text(2, frame.node),
    ...text(3, frame.site),
    ...raw(4, Buffer.from(frame.boot, 'hex')),
    ...whole(5, frame.sequence),
    ...whole(6, frame.endMs),
    ...whole(7, frame.intervalMs),
    ...whole(8, frame.samples),
    ...whole(9, LAYOUT_ID),
    ...raw(10, frame.previous),
  ];
}

function entityFields(row: EntityRow, random: Random): Field[] {
  return [
    (w) => w.tag(1, WireType.Varint).uint32(77),
    (w) => w.tag(1, WireType.Varint).uint32(ENTITY_KINDS.indexOf(row.kind) + 1),
    (w) => w.tag(2, WireType.Varint).uint32(row.index),
    (w) => w.tag(3, WireType.LengthDelimited).string('decoy'),
    (w) => w.tag(3, WireType.LengthDelimited).string(row.id),
    (w) => w.tag(4, WireType.LengthDelimited).bytes(Uint8Array.of(255, 255, 255)),
    (w) => w.tag(4, WireType.LengthDelimited).bytes(bitmapOf(row.gauges)),
    ...pieces(5, WireType.Bit32, [...row.gauges], (w, value) => w.float(value), random),
    (w) => w.tag(6, WireType.LengthDelimited).bytes(bitmapOf(row.counters)),
    ...pieces(7, WireType.Bit64, [...row.counters], (w, value) => w.double(value), random),
  ];
}

/** A repeated number field cut into pieces, some packed (also empty), some unpacked. */
function pieces(
  number: number,
  type: WireType,
  values: readonly number[],
  write: (writer: BinaryWriter, value: number) => BinaryWriter,
  random: Random,
): Field[] {
  let rest = values.filter((value) => !Number.isNaN(value));
  const fields: Field[] = [];
  while (rest.length > 0) {
    const taken = rest.slice(0, Math.floor(random() * 12));
    rest = rest.slice(taken.length);
    const [only] = taken;
    if (taken.length === 1 && only !== undefined) fields.push((w) => write(w.tag(number, type), only));
    else {
      fields.push((w) => {
        w.tag(number, WireType.LengthDelimited).fork();
        for (const value of taken) write(w, value);
        return w.join();
      });
    }
  }
  return fields;
}

function part(number: number, fields: Field[], random: Random): Field {
  const bytes = message(fields, random, []).finish();
  return (w) => w.tag(number, WireType.LengthDelimited).bytes(bytes);
}

function twice(field: Field, random: Random): Field[] {
  return random() < 0.5 ? [field] : [field, field];
}

/** Shuffles the fields, but keeps the order of those with one number, which has a meaning. */
function message(fields: Field[], random: Random, ordered: Field[]): BinaryWriter {
  const byNumber = new Map<number, Field[]>();
  for (const field of fields) {
    const number = numberOf(field);
    byNumber.set(number, [...(byNumber.get(number) ?? []), field]);
  }
  const writer = new BinaryWriter();
  const kept = new Set(ordered);
  for (const field of interleaved([...byNumber.values()], random)) {
    if (random() < 0.3) unknownField(writer, random);
    field(writer);
    if (kept.has(field) && random() < 0.1) unknownField(writer, random);
  }
  return writer;
}

function numberOf(field: Field): number {
  const first = field(new BinaryWriter()).finish()[0] ?? 0;
  return first >>> 3;
}

/** One list of all, each list's own order kept. */
function interleaved<T>(lists: readonly (readonly T[])[], random: Random): T[] {
  const rest = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const all: T[] = [];
  while (rest.length > 0) {
    const place = Math.floor(random() * rest.length);
    const item = rest[place]?.shift();
    if (item === undefined) rest.splice(place, 1);
    else all.push(item);
  }
  return all;
}

function unknownField(writer: BinaryWriter, random: Random): void {
  const number = 15 + Math.floor(random() * 5_000);
  const kind = Math.floor(random() * 5);
  if (kind === 0) writer.tag(number, WireType.Varint).uint64(2n ** 64n - 1n);
  else if (kind === 1) writer.tag(number, WireType.Bit32).float(1);
  else if (kind === 2) writer.tag(number, WireType.Bit64).double(1);
  else if (kind === 3) writer.tag(number, WireType.LengthDelimited).bytes(new Uint8Array(random() * 200));
  else {
    writer.tag(number, WireType.StartGroup);
    writer.tag(1, WireType.LengthDelimited).string('nobody knows');
    writer.tag(2, WireType.StartGroup).tag(2, WireType.EndGroup);
    writer.tag(number, WireType.EndGroup);
  }
}
