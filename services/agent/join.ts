import { GatewayRefusedError } from '#libs/runtime/errors.ts';
import type { GatewayClient } from './gateway-client.ts';
import { refusal } from './gateway-outlet.ts';
import { type Identity, SITE_FILE } from './identity.ts';

const CREDENTIAL_FILE = 'gateway-credential';

/**
 * The node's credential at the gateway: kept from an earlier start, or got by joining with a one-time token.
 * @throws GatewayRefusedError without either, or for a token that is spent; BusUnavailableError: try again.
 */
export async function nodeCredential(
  { state, node, keys }: Identity,
  client: Pick<GatewayClient, 'post'>,
  token: string | undefined,
): Promise<string> {
  const kept = state.read(CREDENTIAL_FILE);
  if (kept) return kept.toString().trim();
  if (token === undefined) {
    throw new GatewayRefusedError(
      `${node} has no credential: expected gatewayCredential or gatewayJoinToken`,
    );
  }
  const body = Buffer.from(JSON.stringify({ node, publicKey: keys.publicKey }));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const reply = await client.post('/v1/join', headers, body);
  if (reply.status !== 200) throw refusal(reply, 0);
  const { credential, site } = parseAnswer(reply.body);
  // The site first: with a credential in place nobody asks again.
  state.write(SITE_FILE, `${site}\n`);
  state.write(CREDENTIAL_FILE, `${credential}\n`);
  return credential;
}

function parseAnswer(body: string): { readonly credential: string; readonly site: string } {
  const answer = JSON.parse(body) as Partial<Record<'credential' | 'site', unknown>> | null;
  const { credential, site } = answer ?? {};
  if (typeof credential === 'string' && typeof site === 'string') return { credential, site };
  throw new GatewayRefusedError(
    `the gateway answered ${body.slice(0, 200)}: expected a credential and a site`,
  );
}
