import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeBatch,
  decodeMessage,
  encodeBatch,
  encodeMessage,
  MAX_BATCH_FRAMES,
  MalformedBatchError,
} from '#libs/model/batch.ts';

const name = fc.stringMatching(/^[a-z]{1,12}$/);
const message = fc.record({
  headers: fc.dictionary(name, fc.string({ maxLength: 200 }), { maxKeys: 6, noNullPrototype: true }),
  payload: fc.uint8Array({ maxLength: 400 }),
});

test('what is packed comes out as it was', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
      expect(decodeBatch(encodeBatch(messages))).toEqual(messages);
    }),
  );
  fc.assert(
    fc.property(message, (one) => {
      expect(decodeMessage(encodeMessage(one))).toEqual(one);
    }),
  );
});

test('reads the bytes of the README', () => {
  const bytes = Uint8Array.from(
    Buffer.from(
      '010001' +
        '02' +
        '04' +
        '74797065' +
        '0005' +
        '6672616d65' +
        '03' +
        '736571' +
        '0001' +
        '37' +
        '00000002' +
        'beef',
      'hex',
    ),
  );
  expect(decodeBatch(bytes)).toEqual([
    { headers: { type: 'frame', seq: '7' }, payload: Uint8Array.of(0xbe, 0xef) },
  ]);
});

test('no cut and no addition passes', () => {
  const whole = encodeBatch([{ headers: { type: 'frame', node: 'n' }, payload: Uint8Array.of(1, 2, 3) }]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeBatch(whole.subarray(0, length)), `${length} bytes`).toThrow(MalformedBatchError);
  }
  expect(() => decodeBatch(Uint8Array.of(...whole, 0))).toThrow(/1 bytes after/);
});

test('arbitrary bytes are refused or read, and break nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      try {
        decodeBatch(Uint8Array.of(1, 0, 2, ...noise));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBatchError);
      }
    }),
  );
});

test('bounds hold on both sides', () => {
  const one = { headers: {}, payload: new Uint8Array() };
  expect(() => encodeBatch(Array(MAX_BATCH_FRAMES + 1).fill(one))).toThrow(RangeError);
  expect(() => encodeMessage({ ...one, headers: { seal: 'x'.repeat(70_000) } })).toThrow(RangeError);
  expect(() => decodeBatch(Uint8Array.of(1, 0x03, 0xe9))).toThrow(/1001 frames/);
  expect(() => decodeBatch(Uint8Array.of(2, 0, 0))).toThrow(/version 2/);
  expect(() => decodeBatch(Uint8Array.of(1, 0, 1, 17))).toThrow(/17 headers/);
});

test('a header that is not UTF-8 is refused', () => {
  const bytes = Buffer.from('010001' + '01' + '01' + 'ff' + '0000' + '00000000', 'hex');
  expect(() => decodeBatch(bytes)).toThrow(/not UTF-8/);
});
