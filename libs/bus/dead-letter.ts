import { TOPICS } from '#libs/model/topics.ts';
import type { Batch, Delivered, Outgoing } from './port.ts';

/** Headers a dead letter has beside its original ones. */
export const DEAD_LETTER_HEADERS = {
  /** `topic/partition/offset`. */
  origin: 'origin',
  /** Why it could not be used, for a person. */
  reason: 'reason',
  /** The service that gave up on it. */
  service: 'service',
} as const;

/**
 * A record that cannot be used, as a message for the topic `dead`: its raw bytes, its key and its headers, with
 * origin, reason and service added, so that it can be put back as it came.
 */
export function deadLetter(
  { topic, partition }: Pick<Batch, 'topic' | 'partition'>,
  record: Delivered,
  reason: string,
  service: string,
): Outgoing {
  const decoder = new TextDecoder();
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, decoder.decode(value)]),
  );
  return {
    topic: TOPICS.dead.name,
    key: record.key,
    value: record.value,
    headers: {
      ...headers,
      [DEAD_LETTER_HEADERS.origin]: `${topic}/${partition}/${record.offset}`,
      [DEAD_LETTER_HEADERS.reason]: reason,
      [DEAD_LETTER_HEADERS.service]: service,
    },
  };
}
