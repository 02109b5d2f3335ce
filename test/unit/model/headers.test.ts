import { expect, test } from 'vitest';
import { headersFlaw } from '#libs/model/headers.ts';

const PLAIN = { type: 'frame', node: 'n-1', boot: 'b0'.repeat(16), seq: '7' };
const SEALED = { ...PLAIN, seal: '0f'.repeat(64), key: '0f'.repeat(32) };

test.each<[string, Record<string, string>]>([
  ['a frame', PLAIN],
  ['a sealed frame', SEALED],
  ['the highest sequence number', { ...PLAIN, seq: String(2 ** 40) }],
])('the headers of %s are as an agent sends them', (_, headers) => {
  expect(headersFlaw(headers)).toBeNull();
});

const without = (name: string) => Object.fromEntries(Object.entries(SEALED).filter(([it]) => it !== name));

test.each<[string, Record<string, string>, string]>([
  ['another type', { ...PLAIN, type: 'tick' }, 'header type "tick": expected "frame"'],
  ['a header of strangers', { ...PLAIN, origin: 'x' }, 'header "origin": expected none such'],
  ['a name with a space', { ...PLAIN, node: 'n 1' }, 'header node "n 1": expected 1 to 128 letters'],
  ['a boot with a NUL byte', { ...PLAIN, boot: 'a\u0000b' }, 'header boot "a\\u0000b": expected 32 lower'],
  ['a boot of 60 kB', { ...PLAIN, boot: 'b'.repeat(60_000) }, `header boot "${'b'.repeat(40)}": expected 32`],
  ['a boot in capitals', { ...PLAIN, boot: 'B0'.repeat(16) }, 'header boot'],
  [
    'a sequence number of zero',
    { ...PLAIN, seq: '0' },
    'header seq "0": expected a decimal number 1..1099511',
  ],
  ['one beyond 2^40', { ...PLAIN, seq: String(2 ** 40 + 1) }, 'header seq "1099511627777": expected'],
  ['one in another notation', { ...PLAIN, seq: '0x7' }, 'header seq'],
  ['one with a line break', { ...PLAIN, seq: '7\n' }, 'header seq'],
  ['a seal that is none', { ...SEALED, seal: 's'.repeat(128) }, 'header seal'],
  ['a key that is none', { ...SEALED, key: '0f' }, 'header key "0f": expected 64 lower-case hex digits'],
  ['no type', without('type'), 'header type missing: expected "frame"'],
  ['no node', without('node'), 'header node missing'],
  ['no boot', without('boot'), 'header boot missing'],
  ['no sequence number', without('seq'), 'header seq missing'],
  ['a key without a seal', without('seal'), 'header seal missing'],
  ['a seal without a key', without('key'), 'header key missing'],
])('names %s, and what was expected', (_, headers, flaw) => {
  expect(headersFlaw(headers)).toContain(flaw);
});
