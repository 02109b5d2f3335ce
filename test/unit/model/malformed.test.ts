import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame, FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import { MAX_FRAME_BYTES } from '#libs/model/wire.ts';
import {
  type Entity,
  EntitySchema,
  type Frame,
  FrameSchema,
  SequenceRunSchema,
} from '#test/support/generated/frame_pb.ts';
import { arbitraryFrame, smallFrame } from './arbitrary-frame.ts';
import { decodeByGenerated, messageOf } from './generated-codec.ts';

/** The frame, or the error; any other error rises. */
function attempt(bytes: Uint8Array): ReturnType<typeof decodeFrame> | MalformedFrameError {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (error instanceof MalformedFrameError) return error;
    throw error;
  }
}

function changed(change: (message: Frame) => void): Uint8Array {
  const message = messageOf(smallFrame());
  change(message);
  return toBinary(FrameSchema, message);
}

const withEntity = (entity: Partial<Omit<Entity, '$typeName' | '$unknown'>>) =>
  changed((message) => message.entities.push(create(EntitySchema, entity)));

const followedBy = (write: (writer: BinaryWriter) => BinaryWriter) =>
  Buffer.concat([encodeFrame(smallFrame()), write(new BinaryWriter()).finish()]);

const repeated = <T>(item: T | undefined, times: number): T[] =>
  Array.from({ length: times }, () => item).filter((each) => each !== undefined);

test.each<[string, Uint8Array, string]>([
  ['no bytes', new Uint8Array(), 'bad version'],
  ['more bytes than a frame may have', new Uint8Array(MAX_FRAME_BYTES + 1), 'oversized'],
  ['another schema version', changed((m) => Object.assign(m, { version: 2 })), 'bad version'],
  ['no node', changed((m) => Object.assign(m, { node: '' })), 'bad name'],
  ['no site', changed((m) => Object.assign(m, { site: '' })), 'bad name'],
  ['a node with a space', changed((m) => Object.assign(m, { node: 'a b' })), 'bad name'],
  ['a node with a letter beyond ASCII', changed((m) => Object.assign(m, { node: 'nöde' })), 'bad name'],
  ['a node of 129 letters', changed((m) => Object.assign(m, { node: 'n'.repeat(129) })), 'bad name'],
  ['a site with a line break', changed((m) => Object.assign(m, { site: 'site\n' })), 'bad name'],
  ['no boot', changed((m) => Object.assign(m, { boot: new Uint8Array() })), 'bad boot'],
  ['a boot of 15 bytes', changed((m) => Object.assign(m, { boot: new Uint8Array(15) })), 'bad boot'],
  ['no sequence', changed((m) => Object.assign(m, { sequence: 0n })), 'bad sequence'],
  ['a sequence beyond 2^40', changed((m) => Object.assign(m, { sequence: 2n ** 40n + 1n })), 'bad sequence'],
  ['a sequence beyond 2^53', changed((m) => Object.assign(m, { sequence: 2n ** 53n })), 'bad sequence'],
  ['no end', changed((m) => Object.assign(m, { endUnixMs: 0n })), 'bad time'],
  ['an end that is no date', changed((m) => Object.assign(m, { endUnixMs: 2n ** 53n })), 'bad time'],
  ['no interval', changed((m) => Object.assign(m, { intervalMs: 0 })), 'bad time'],
  [
    'an interval of more than a day',
    changed((m) => Object.assign(m, { intervalMs: 86_400_001 })),
    'bad time',
  ],
  ['a digest of 31 bytes', changed((m) => Object.assign(m, { previous: new Uint8Array(31) })), 'bad digest'],
  ['a value without a presence bit', withEntity({ kind: 2, index: 9, gauges: [1] }), 'bad values'],
  [
    'a presence bit without a value',
    withEntity({ kind: 2, index: 9, gaugePresence: Uint8Array.of(1) }),
    'bad values',
  ],
  [
    'an unknown presence bit without a value',
    withEntity({ kind: 2, index: 9, counterPresence: Uint8Array.of(0, 0, 0, 1) }),
    'bad values',
  ],
  ['a second host', withEntity({ kind: 1 }), 'bad entity'],
  ['a GPU twice', withEntity({ kind: 2, index: 0 }), 'bad entity'],
  ['GPU 64', withEntity({ kind: 2, index: 64 }), 'bad entity'],
  ['host 1', withEntity({ kind: 1, index: 1 }), 'bad entity'],
  ['an entity id with a slash', withEntity({ kind: 2, index: 9, id: 'a/b' }), 'bad name'],
  ['257 flows', changed((m) => m.flows.push(...repeated(m.flows[0], 256))), 'too many'],
  ['65 groups', changed((m) => m.groups.push(...repeated(m.groups[0], 64))), 'too many'],
  ['257 sequence runs', changed((m) => m.covers.push(...repeated(m.covers[0], 256))), 'too many'],
  [
    'a flow without a peer',
    followedBy((w) => w.tag(12, WireType.LengthDelimited).bytes(Buffer.of())),
    'bad flow',
  ],
  [
    'a group without a label',
    followedBy((w) => w.tag(13, WireType.LengthDelimited).bytes(Buffer.of())),
    'bad group',
  ],
  [
    'a sequence run of nothing',
    followedBy((w) => w.tag(14, WireType.LengthDelimited).bytes(Buffer.of())),
    'bad run',
  ],
  [
    'a sequence run beyond 2^40',
    changed((m) => m.covers.push(create(SequenceRunSchema, { from: 1n, to: 2n ** 40n + 1n }))),
    'bad run',
  ],
  [
    'a group label that is not UTF-8',
    followedBy((w) => w.tag(13, WireType.LengthDelimited).bytes(Buffer.of(0x0a, 2, 0xff, 0xfe))),
    'bad group',
  ],
  [
    'packed floats of five bytes',
    followedBy((w) => w.tag(11, WireType.LengthDelimited).bytes(Buffer.of(0x2a, 5, 0, 0, 0, 0, 0))),
    'bad values',
  ],
  ['a known field in another wire type', followedBy((w) => w.tag(5, WireType.Bit32).float(1)), 'bad tag'],
  ['field number 0', Buffer.concat([encodeFrame(smallFrame()), Buffer.of(0, 0)]), 'bad tag'],
  ['wire type 7', Buffer.concat([encodeFrame(smallFrame()), Buffer.of(0x7f, 0)]), 'bad tag'],
  ['a group end without a beginning', followedBy((w) => w.tag(99, WireType.EndGroup)), 'bad tag'],
  [
    'a group that another number ends',
    followedBy((w) => w.tag(99, WireType.StartGroup).tag(98, WireType.EndGroup)),
    'bad tag',
  ],
  ['a group without an end', followedBy((w) => w.tag(99, WireType.StartGroup)), 'truncated'],
  [
    'groups nested a thousand deep',
    followedBy((w) => {
      for (let i = 0; i < 1000; i++) w.tag(99, WireType.StartGroup);
      return w;
    }),
    'bad tag',
  ],
  ['a varint of 11 bytes', Buffer.concat([encodeFrame(smallFrame()), Buffer.alloc(11, 0x80)]), 'bad varint'],
  [
    'a tag of 33 bits',
    Buffer.concat([encodeFrame(smallFrame()), Buffer.of(0x80, 0x80, 0x80, 0x80, 0x10, 0)]),
    'bad varint',
  ],
  ['a varint cut off', Buffer.concat([encodeFrame(smallFrame()), Buffer.of(0x80)]), 'truncated'],
  [
    'a length of four gigabytes',
    followedBy((w) => w.tag(99, WireType.LengthDelimited).uint32(2 ** 32 - 1)),
    'truncated',
  ],
])('refuses %s', (_, bytes, reason) => {
  const error = attempt(bytes);
  expect(error).toBeInstanceOf(MalformedFrameError);
  expect(error).toMatchObject({ reason, code: MalformedFrameError.code, retryable: false });
});

test('refuses a 66th entity', () => {
  const gpus = Array.from({ length: 63 }, (_, i) => create(EntitySchema, { kind: 2, index: i + 1 }));
  expect(attempt(changed((m) => m.entities.push(...gpus)))).toMatchObject({ frame: { node: 'node-1' } });
  const extra = create(EntitySchema, { kind: 2, index: 1 });
  expect(attempt(changed((m) => m.entities.push(...gpus, extra)))).toMatchObject({ reason: 'too many' });
});

test('never takes a frame cut short for a whole one', () => {
  const whole = encodeFrame(smallFrame());
  for (let length = 0; length < whole.length; length++) {
    const cut = attempt(whole.subarray(0, length));
    if (cut instanceof MalformedFrameError) continue;
    // Cut between two fields: the generated code, too, reads a shorter frame there.
    expect(cut).toEqual(decodeByGenerated(whole.subarray(0, length)));
    expect(cut).not.toEqual(decodeFrame(whole));
  }
});

test('reads bytes with random faults as the generated code does, or refuses them', () => {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(255),
    fc.constantFrom('set', 'set', 'set', 'set', 'insert', 'remove'),
  );
  let read = 0;
  fc.assert(
    fc.property(arbitraryFrame, fc.array(change, { minLength: 1, maxLength: 3 }), (frame, changes) => {
      const bytes = [...encodeFrame(frame)];
      for (const [place, byte, action] of changes) {
        bytes.splice(
          place % bytes.length,
          action === 'insert' ? 0 : 1,
          ...(action === 'remove' ? [] : [byte]),
        );
      }
      const result = attempt(Uint8Array.from(bytes));
      if (result instanceof MalformedFrameError) return;
      read++;
      expect(withoutParts(result.frame)).toEqual(
        withoutParts(decodeByGenerated(Uint8Array.from(bytes)).frame),
      );
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(50);
});

/** Flows and groups with absurd numbers are left out here and kept there. */
function withoutParts(frame: ReturnType<typeof decodeFrame>['frame']) {
  return { ...frame, flows: [], groups: [] };
}

test('survives bytes that were never a frame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(attempt(bytes)).toBeInstanceOf(MalformedFrameError);
    }),
    { numRuns: 2_000 },
  );
});

test('reads the next frame rightly after every refusal', () => {
  const decoder = new FrameDecoder();
  const good = encodeFrame(smallFrame());
  for (let length = 0; length < good.length; length++) {
    try {
      decoder.decode(good.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedFrameError);
    }
    expect(decoder.decode(good)).toMatchObject({ node: 'node-1', rows: 2, sequence: 7, faulty: [] });
  }
});
