import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { MAX_FRAME_BYTES } from '#libs/model/wire.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import type { Batch, Delivered, Outgoing } from './port.ts';

/** Headers a dead letter has beside its original ones. */
export const DEAD_LETTER_HEADERS = {
  /** `topic/partition/offset`. */
  origin: 'origin',
  /** Why it could not be used, for a person. */
  reason: 'reason',
  /** The service that gave up on it. */
  service: 'service',
  /** How long the value was, where its end was cut off. */
  originalBytes: 'original-bytes',
} as const;

/** Characters of a header that are kept where it must be cut: more than any of ours has. */
const HEADER_KEPT = 256;
const REASON_KEPT = 500;
/** Bytes that `original-bytes` takes, name and number. */
const LENGTH_ROOM = 32;

type Headers = NonNullable<Outgoing['headers']>;
type Place = Pick<Batch, 'topic' | 'partition'>;

/**
 * A record that cannot be used, as a message for the topic `dead`: its raw bytes, its key and its headers, with
 * origin, reason and service added, so that it can be put back as it came. It always fits: where a record is as
 * large as the bus takes, long headers are cut first, then the end of the value.
 */
export function deadLetter(place: Place, record: Delivered, reason: string, service: string): Outgoing {
  const whole = letter(record, textHeaders(record), marks(place, record, reason, service));
  if (wireBytes(whole) <= MAX_MESSAGE_BYTES) return whole;
  const headers = { ...cutShort(textHeaders(record)), ...marks(place, record, reason, service) };
  const cut = cutValue({ ...whole, headers }, MAX_MESSAGE_BYTES);
  return wireBytes(cut) <= MAX_MESSAGE_BYTES ? cut : leastDeadLetter(place, record, reason, service);
}

/** What is left of a record that is taken in no larger form: our own headers, and as many bytes as a frame may have. */
export function leastDeadLetter(place: Place, record: Delivered, reason: string, service: string): Outgoing {
  const ours = new Set<string>(Object.values(HEADERS));
  const known = Object.entries(textHeaders(record)).filter(([name]) => ours.has(name));
  const headers = cutShort(Object.fromEntries(known));
  const least = letter(record, headers, marks(place, record, reason, service));
  return cutValue({ ...least, key: record.key.slice(0, HEADER_KEPT) }, MAX_FRAME_BYTES);
}

function letter({ key, value }: Delivered, headers: Headers, added: Headers): Outgoing {
  return { topic: TOPICS.dead.name, key, value, headers: { ...headers, ...added } };
}

function marks({ topic, partition }: Place, { offset }: Delivered, reason: string, service: string): Headers {
  return {
    [DEAD_LETTER_HEADERS.origin]: `${topic}/${partition}/${offset}`,
    [DEAD_LETTER_HEADERS.reason]: reason.slice(0, REASON_KEPT),
    [DEAD_LETTER_HEADERS.service]: service,
  };
}

function textHeaders({ headers }: Delivered): Headers {
  const decoder = new TextDecoder();
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, decoder.decode(value)]));
}

function cutShort(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.slice(0, HEADER_KEPT)]),
  );
}

/** The message in at most so many bytes, if it is its value that makes it longer. */
function cutValue(message: Outgoing, mostBytes: number): Outgoing {
  const { length } = message.value;
  const room = Math.max(0, mostBytes - (wireBytes(message) - length) - LENGTH_ROOM);
  if (length <= room) return message;
  const headers = { ...message.headers, [DEAD_LETTER_HEADERS.originalBytes]: String(length) };
  return { ...message, value: message.value.subarray(0, room), headers };
}

/** Key, value and headers in UTF-8: those of a stranger may hold more than ASCII, or no text at all. */
function wireBytes({ key, value, headers = {} }: Outgoing): number {
  const texts = [key, ...Object.entries(headers).flat()];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), value.length);
}
