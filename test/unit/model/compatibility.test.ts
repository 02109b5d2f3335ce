import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { decodeFrame, FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { EntitySchema, FrameSchema } from '#test/support/generated/frame_pb.ts';
import { random } from '#test/support/random.ts';
import { arbitraryFrame, smallFrame } from './arbitrary-frame.ts';
import { decodeByGenerated, messageOf } from './generated-codec.ts';
import { scrambled } from './scrambled.ts';

test('reads a frame in every form that the protobuf specification allows', () => {
  fc.assert(
    fc.property(arbitraryFrame, fc.integer(), (frame, seed) => {
      const bytes = scrambled(frame, random(seed));
      const expected = decodeByGenerated(bytes);
      expect(expected.frame).toEqual(frame);
      expect(decodeFrame(bytes)).toEqual(expected);
    }),
  );
});

test('skips the columns of a newer catalogue, and their values', () => {
  const message = messageOf(smallFrame());
  const host = message.entities[0];
  const gpu = message.entities[1];
  if (host === undefined || gpu === undefined) throw new Error('the frame has two entities');
  const width = Math.ceil(LAYOUTS.host.gauges.length / 8);
  const newer = [...host.gaugePresence, ...new Array<number>(width + 3 - host.gaugePresence.length).fill(0)];
  newer[width - 1] = (newer[width - 1] ?? 0) | 0x80;
  newer[width + 2] = 0b101;
  host.gaugePresence = Uint8Array.from(newer);
  host.gauges.push(1, Number.NaN, Number.POSITIVE_INFINITY);
  gpu.counterPresence = Uint8Array.of(0b1000_0001);
  gpu.counters.push(7);
  expect(LAYOUTS.host.gauges.length % 8).not.toBe(0);
  expect(decodeFrame(toBinary(FrameSchema, message))).toEqual({ frame: smallFrame(), faulty: [] });
});

test('counts entities of a kind that it does not know, and goes on', () => {
  const message = messageOf(smallFrame());
  const unknown = create(EntitySchema, {
    kind: 3,
    index: 900,
    id: 'NPU-1',
    gaugePresence: Uint8Array.of(255),
  });
  message.entities.unshift(unknown, unknown);
  message.entities.push(create(EntitySchema, { id: 'no-kind' }));
  const bytes = toBinary(FrameSchema, message);
  expect(decodeFrame(bytes).frame).toEqual(smallFrame());
  expect(new FrameDecoder().decode(bytes).unknownEntities).toBe(3);
});

test('takes an explicit digest of zeros, as another agent may write it, for none', () => {
  const message = messageOf(smallFrame());
  message.previous = new Uint8Array(32);
  const { previous } = decodeFrame(toBinary(FrameSchema, message)).frame;
  expect(previous).toEqual(new Uint8Array(32));
});

test('tells the layout of the sender', () => {
  const message = messageOf(smallFrame());
  message.layout = 4_000_000_000;
  expect(new FrameDecoder().decode(toBinary(FrameSchema, message)).layout).toBe(4_000_000_000);
});

test('has its fields in the published .proto, by number and type', () => {
  const frame = fromBinary(FrameSchema, encodeFrame(smallFrame()));
  const unread = [frame, ...frame.entities, ...frame.flows, ...frame.groups, ...frame.covers].flatMap(
    ({ $unknown }) => $unknown ?? [],
  );
  expect(unread).toEqual([]);
});
