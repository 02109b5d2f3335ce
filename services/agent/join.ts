import { createHash } from 'node:crypto';
import { GatewayRefusedError } from '#libs/runtime/errors.ts';
import type { GatewayClient } from './gateway-client.ts';
import { refusal } from './gateway-outlet.ts';
import { type Identity, SITE_FILE } from './identity.ts';

const CREDENTIAL_FILE = 'gateway-credential';
/** SHA-256 of the token that was joined with: another one means that a person enrolled the node again. */
const TOKEN_FILE = 'gateway-token-hash';

/**
 * The node's credential at the gateway: kept from an earlier start, or got by joining with a one-time token. A token
 * that is new here is tried first: the kept credential may be that of a node which was decommissioned since.
 * @param joined told when the token was taken.
 * @throws GatewayRefusedError without either, or for a token that is spent; BusUnavailableError: try again.
 */
export async function nodeCredential(
  identity: Identity,
  client: Pick<GatewayClient, 'post'>,
  token: string | undefined,
  joined: () => void = () => undefined,
): Promise<string> {
  const { state, node } = identity;
  const kept = state.read(CREDENTIAL_FILE)?.toString().trim();
  const isNew = token !== undefined && state.read(TOKEN_FILE)?.toString() !== hashOf(token);
  if (kept && !isNew) return kept;
  if (token === undefined) {
    throw new GatewayRefusedError(
      `${node} has no credential: expected gatewayCredential or gatewayJoinToken`,
    );
  }
  try {
    const credential = await join(identity, client, token);
    joined();
    return credential;
  } catch (error) {
    if (kept && error instanceof GatewayRefusedError) return kept;
    throw error;
  }
}

async function join(
  { state, node, keys }: Identity,
  client: Pick<GatewayClient, 'post'>,
  token: string,
): Promise<string> {
  const body = Buffer.from(JSON.stringify({ node, publicKey: keys.publicKey }));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const reply = await client.post('/v1/join', headers, body);
  if (reply.status !== 200) throw refusal(reply, `the request of ${node} to join`);
  const { credential, site } = parseAnswer(reply.body);
  // The credential last: with one in place, and its token, nobody asks again.
  state.write(SITE_FILE, `${site}\n`);
  state.write(TOKEN_FILE, hashOf(token));
  state.write(CREDENTIAL_FILE, `${credential}\n`);
  return credential;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

function parseAnswer(body: string): { readonly credential: string; readonly site: string } {
  const answer = JSON.parse(body) as Partial<Record<'credential' | 'site', unknown>> | null;
  const { credential, site } = answer ?? {};
  if (typeof credential === 'string' && typeof site === 'string') return { credential, site };
  throw new GatewayRefusedError(
    `the gateway answered ${body.slice(0, 200)}: expected a credential and a site`,
  );
}
