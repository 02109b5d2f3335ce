import type { Delivered } from './port.ts';

/**
 * Headers as bytes, in order: u8 length of the name, name, u32 length of the value, value.
 * Reading makes views, no copies.
 */
export function packHeaders(headers: Readonly<Record<string, string>> = {}): Uint8Array {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    const prefix = Buffer.allocUnsafe(1);
    const size = Buffer.allocUnsafe(4);
    prefix.writeUInt8(nameBytes.length);
    size.writeUInt32LE(valueBytes.length);
    parts.push(prefix, nameBytes, size, valueBytes);
  }
  return Buffer.concat(parts);
}

export function unpackHeaders(packed: Uint8Array): Delivered['headers'] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const headers: Record<string, Uint8Array> = {};
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const valueAt = nameEnd + 4;
    const valueEnd = valueAt + bytes.readUInt32LE(nameEnd);
    headers[bytes.toString('utf8', at + 1, nameEnd)] = bytes.subarray(valueAt, valueEnd);
    at = valueEnd;
  }
  return headers;
}
