import { encodeBatch } from '#libs/model/batch.ts';
import { BusUnavailableError, GatewayRefusedError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import type { GatewayClient, Reply } from './gateway-client.ts';
import type { Outlet } from './outlet.ts';

/**
 * Sends frames to a gateway: for nodes that may not reach the bus.
 * @param credential asked for until it resolves once; so an agent may start before it has joined.
 */
export function createGatewayOutlet(
  client: Pick<GatewayClient, 'post'>,
  credential: () => Promise<string>,
): Outlet {
  let known: string | undefined;
  return {
    async send(frames) {
      known ??= await credential();
      const headers = { authorization: `Bearer ${known}`, 'content-type': 'application/octet-stream' };
      const reply = await client.post('/v1/frames', headers, encodeBatch(frames));
      if (reply.status < 200 || reply.status > 299) throw refusal(reply, `${frames.length} frame(s)`);
    },
  };
}

/** What a status means for the sender: wait, split the batch, or call a person. */
export function refusal({ status, body }: Reply, what: string): Error {
  const message = `the gateway answered ${status} to ${what}: ${sentenceOf(body)}`;
  if (status === 413) return new MessageTooLargeError(message);
  // 408, 429 and everything of the server's own making pass by themselves.
  const final = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return final ? new GatewayRefusedError(message) : new BusUnavailableError(message);
}

/** A gateway says it in one sentence; whatever else answers is quoted. */
function sentenceOf(body: string): string {
  const [, sentence] = /^\{"error":"([^"\\]*)"\}$/.exec(body) ?? [];
  return sentence ?? body.slice(0, 500);
}
