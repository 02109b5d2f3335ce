import { MessageTooLargeError } from '#libs/runtime/errors.ts';
import type { Outgoing } from './port.ts';

/**
 * Largest message (key, value and headers) the bus takes, on every adapter: below Kafka's default
 * `message.max.bytes` of 1,048,588, with room for the framing of a batch.
 */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** Key, value and headers; strings are taken as ASCII, which is what keys and headers are here. */
export function messageBytes(message: Outgoing): number {
  let bytes = message.value.length + message.key.length;
  for (const name in message.headers) bytes += name.length + (message.headers[name]?.length ?? 0);
  return bytes;
}

/** @throws MessageTooLargeError naming the topic, the key and the size of the first message beyond the limit. */
export function refuseTooLarge(messages: readonly Outgoing[]): void {
  for (const message of messages) {
    const bytes = messageBytes(message);
    if (bytes <= MAX_MESSAGE_BYTES) continue;
    throw new MessageTooLargeError(
      `a message of ${bytes} bytes for topic ${message.topic}, key ${message.key}: expected at most ${MAX_MESSAGE_BYTES}; split it`,
    );
  }
}
