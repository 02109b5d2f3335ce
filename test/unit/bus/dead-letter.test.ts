import { expect, test } from 'vitest';
import { deadLetter, leastDeadLetter } from '#libs/bus/dead-letter.ts';
import { MAX_MESSAGE_BYTES } from '#libs/bus/limits.ts';
import type { Delivered, Outgoing } from '#libs/bus/port.ts';
import { MAX_FRAME_BYTES } from '#libs/model/wire.ts';

const PLACE = { topic: 'frames', partition: 2 };
const MARKS = { origin: 'frames/2/7', reason: 'bad', service: 'writer' };

function record(bytes: number, headers: Record<string, string | Uint8Array> = {}, key = 'n'): Delivered {
  const raw = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value as string)] as const);
  return {
    key,
    value: new Uint8Array(bytes).fill(7),
    headers: Object.fromEntries(raw),
    offset: 7,
    receivedMs: 0,
  };
}

function bytesOf({ key, value, headers = {} }: Outgoing): number {
  const texts = [key, ...Object.entries(headers).flat()];
  return value.length + Buffer.byteLength(texts.join(''));
}

test('keeps bytes, key and headers as they came, and cuts a long reason', () => {
  const headers = { type: 'frame', strange: 'x'.repeat(90_000) };
  const letter = deadLetter(PLACE, record(900_000, headers), 'bad', 'writer');
  expect(letter).toEqual({
    ...{ topic: 'dead', key: 'n', value: new Uint8Array(900_000).fill(7) },
    headers: { ...headers, ...MARKS },
  });
  const told = deadLetter(PLACE, record(1), 'x'.repeat(10_000), 'writer');
  expect(told.headers?.reason).toHaveLength(500);
});

test('cuts long headers before the value, so that what the bus took it takes again', () => {
  const headers = { type: 'frame', node: 'n', boot: 'b'.repeat(60_000), seal: 's'.repeat(39_820) };
  const letter = deadLetter(PLACE, record(900_150, headers), 'bad', 'writer');
  expect(bytesOf(letter)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expect(letter.value).toHaveLength(900_150);
  expect(letter.headers).toEqual({
    ...{ type: 'frame', node: 'n', boot: 'b'.repeat(256), seal: 's'.repeat(256) },
    ...MARKS,
  });
});

const MUCH = Array.from(
  { length: 30_000 },
  (_, i) => [`header-${i}`, 'some thirty characters of text'] as const,
);

test.each<[string, Delivered, number]>([
  ['a value as large as the bus takes', record(MAX_MESSAGE_BYTES - 10), MAX_MESSAGE_BYTES - 10],
  ['headers that are not UTF-8', record(700_000, { odd: new Uint8Array(299_000).fill(0xff) }), 700_000],
  ['more headers than fit', record(500_000, { ...Object.fromEntries(MUCH), type: 'frame' }), 500_000],
  ['a key as large as the bus takes', record(500_000, { type: 'frame' }, 'k'.repeat(999_000)), 500_000],
])('%s: the letter fits, and says how long the value was where it was cut', (_, given, bytes) => {
  const letter = deadLetter(PLACE, given, 'é'.repeat(500), 'writer');
  expect(bytesOf(letter)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expect(letter.headers).toMatchObject({ origin: 'frames/2/7', service: 'writer' });
  const cut = letter.value.length < bytes ? String(bytes) : undefined;
  expect(letter.headers?.['original-bytes']).toBe(cut);
  expect(letter.value.length).toBeGreaterThan(200_000);
});

test('the least letter has our own headers alone, and as many bytes as the largest frame', () => {
  const headers = { type: 'frame', node: 'n'.repeat(999), seq: '7', strange: 'x' };
  const letter = leastDeadLetter(PLACE, record(900_000, headers), 'bad', 'writer');
  expect(letter.headers).toEqual({
    ...{ type: 'frame', node: 'n'.repeat(256), seq: '7', 'original-bytes': '900000' },
    ...MARKS,
  });
  expect(bytesOf(letter)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  const frame = leastDeadLetter(PLACE, record(MAX_FRAME_BYTES - 1_000), 'bad', 'writer');
  expect(frame.value).toHaveLength(MAX_FRAME_BYTES - 1_000);
});
