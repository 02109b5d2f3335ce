import { z } from 'zod';
import type { NodeRegister } from '#libs/ledger/port.ts';
import { NAME_EXPECTED, NAME_PATTERN } from '#libs/model/wire.ts';
import { type CredentialCheck, credentialHash, newCredential } from './credential.ts';
import type { JoinGrant, JoinTokens } from './join-token.ts';
import { Refusal } from './replies.ts';

const requestShape = z.object({
  node: z.string().regex(NAME_PATTERN, `expected ${NAME_EXPECTED}`),
  /** Raw Ed25519 key, hex. */
  publicKey: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
});

type JoinRequest = z.infer<typeof requestShape>;

export interface JoinAnswer {
  readonly node: string;
  readonly site: string;
  /** Told once; only its hash is kept. */
  readonly credential: string;
}

/** Lets machines join with a one-time token: their key is enrolled, and they get a credential. */
export class Joining {
  readonly #tokens: JoinTokens;
  readonly #nodes: Pick<NodeRegister, 'join'>;
  readonly #check: CredentialCheck;
  readonly #now: () => number;

  constructor(
    tokens: JoinTokens,
    nodes: Pick<NodeRegister, 'join'>,
    check: CredentialCheck,
    now: () => number,
  ) {
    this.#tokens = tokens;
    this.#nodes = nodes;
    this.#check = check;
    this.#now = now;
  }

  /** What a token allows. @throws Refusal for one that is not valid. */
  grantOf(token: string | null): JoinGrant {
    const grant = token === null ? null : this.#tokens.read(token, this.#now());
    if (grant === null) throw new Refusal(401, 'the token is not valid, or spent: expected a new one');
    return grant;
  }

  /** @throws Refusal; LedgerUnavailableError: the token may be spent. */
  async join(grant: JoinGrant, body: unknown): Promise<JoinAnswer> {
    const request = parseRequest(body);
    const { node } = request;
    const { site, tenant } = grant;
    if (grant.node !== null && grant.node !== node)
      throw new Refusal(403, `the token is for ${grant.node}, not for ${node}`);
    const credential = newCredential(node);
    const outcome = await this.#nodes.join({
      ...request,
      site,
      tenant,
      credentialHash: credentialHash(credential),
      grant: grant.id,
      isNamed: grant.node !== null,
      atMs: this.#now(),
    });
    if (outcome === 'spent') throw new Refusal(401, 'the token is spent: expected a new one');
    // What is known of it, a token for any node must not change.
    if (outcome === 'known')
      throw new Refusal(
        409,
        `${node} is known already: expected a token in its name (davylamp enrol ${node})`,
      );
    this.#check.forget(node);
    return { node, site, credential };
  }
}

function parseRequest(body: unknown): JoinRequest {
  const parsed = requestShape.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Refusal(400, problems.join('; '));
}
