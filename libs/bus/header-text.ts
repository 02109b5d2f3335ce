import type { Delivered } from './port.ts';

/** A header as text, '' where there is none. Latin-1: what we write into them is ASCII, and it is read per record. */
export function headerText({ headers }: Pick<Delivered, 'headers'>, name: string): string {
  const bytes = headers[name];
  if (bytes === undefined) return '';
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1');
}
