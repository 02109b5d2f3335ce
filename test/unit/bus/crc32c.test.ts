import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '#libs/bus/crc32c.ts';

test('is the check value of the CRC catalogue', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

/** RFC 3720, appendix B.4. */
test.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['descending', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['nothing', new Uint8Array(0), 0],
])('is that of RFC 3720 for %s', (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test('agrees with the bit-by-bit definition at every length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(7), (bytes, skip) => {
      const part = bytes.subarray(skip);
      let crc = 0xffffffff;
      for (const byte of part) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      expect(crc32c(part)).toBe((crc ^ 0xffffffff) >>> 0);
    }),
  );
});
