import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { Delivered } from './port.ts';

const NOTHING = new Uint8Array(0);
const NO_HEADERS = {};

/** The records from `from` on. kafkajs' bytes are handed on as they are, not copied. */
export function deliveredFrom(messages: readonly KafkaMessage[], from: number): Delivered[] {
  const records: Delivered[] = [];
  for (const { key, value, headers, offset, timestamp } of messages) {
    const at = Number(offset);
    if (at < from) continue;
    records.push({
      key: key?.toString() ?? '',
      value: value ?? NOTHING,
      headers: headersOf(headers),
      offset: at,
      receivedMs: Number(timestamp),
    });
  }
  return records;
}

/** Ours have one value each, and kafkajs gives it as bytes; of a header that others repeat the last counts. */
function headersOf(headers: IHeaders | undefined): Delivered['headers'] {
  if (!headers) return NO_HEADERS;
  for (const name in headers) {
    const value = headers[name];
    if (value instanceof Uint8Array) continue;
    const last = Array.isArray(value) ? value.at(-1) : value;
    headers[name] = Buffer.from(last ?? NOTHING);
  }
  return headers as Delivered['headers'];
}
