import type { Outgoing } from '#libs/bus/port.ts';
import { decodeBatch, type FrameMessage, MalformedBatchError } from '#libs/model/batch.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { HEADERS, headersFlaw } from '#libs/model/headers.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import { TOPICS } from '#libs/model/topics.ts';

/** The batch speaks for another node than the one its credential belongs to. */
export class ForeignFrameError extends Error {}

const decoder = new FrameDecoder();

/**
 * Checks a batch and makes messages of it. Its structure, its headers and its origin are checked here; a payload that is no frame
 * passes, since the writer keeps and counts what cannot be read.
 * @throws MalformedBatchError; ForeignFrameError if a header or a payload names another node.
 */
export function admitBatch(body: Uint8Array, node: string): readonly Outgoing[] {
  return decodeBatch(body).map((message) => {
    checkHeaders(message, node);
    const claimed = payloadNode(message.payload);
    if (claimed !== null && claimed !== node)
      throw new ForeignFrameError(`a payload of ${claimed}, sent by ${node}`);
    return { topic: TOPICS.frames.name, key: node, value: message.payload, headers: message.headers };
  });
}

/** Anything but a frame would be taken for a message of ours: a tick, a summary. */
function checkHeaders({ headers }: FrameMessage, node: string): void {
  const flaw = headersFlaw(headers);
  if (flaw !== null) throw new MalformedBatchError(flaw);
  if (headers[HEADERS.node] !== node) {
    throw new ForeignFrameError(`a frame of ${headers[HEADERS.node]}, sent by ${node}`);
  }
}

/** The node that a payload names; null where it is no frame. */
function payloadNode(payload: Uint8Array): string | null {
  try {
    return decoder.decode(payload).node;
  } catch (error) {
    if (error instanceof MalformedFrameError) return null;
    throw error;
  }
}
