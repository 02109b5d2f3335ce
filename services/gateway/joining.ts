import { z } from 'zod';
import type { Ledger } from '#libs/ledger/port.ts';
import { type CredentialCheck, credentialHash, newCredential } from './credential.ts';
import type { JoinGrant, JoinTokens } from './join-token.ts';
import { Refusal } from './replies.ts';

const requestShape = z.object({
  node: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'expected 1 to 128 letters, digits, dots, hyphens, underscores'),
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
  readonly #ledger: Pick<Ledger, 'nodes'>;
  readonly #check: CredentialCheck;
  readonly #now: () => number;

  constructor(tokens: JoinTokens, ledger: Pick<Ledger, 'nodes'>, check: CredentialCheck, now: () => number) {
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#check = check;
    this.#now = now;
  }

  /** What a token allows. @throws Refusal for one that is not valid. */
  grantOf(token: string | null): JoinGrant {
    const grant = token === null ? null : this.#tokens.read(token, this.#now());
    if (grant === null) throw new Refusal(401, 'the token is not valid, or spent: expected a new one');
    return grant;
  }

  /** @throws Refusal; LedgerUnavailableError, before the token is spent or after it. */
  async join(grant: JoinGrant, body: unknown): Promise<JoinAnswer> {
    const request = parseRequest(body);
    const known = await this.#ledger.nodes.find(request.node);
    checkGrant(grant, request, known?.publicKey ?? null);
    // Spent before it is used: a token that failed is made anew, one that worked twice would be a hole.
    if (!this.#tokens.spend(grant)) throw new Refusal(401, 'the token is spent: expected a new one');
    const credential = newCredential(request.node);
    await this.#ledger.nodes.enrol({
      ...request,
      site: grant.site,
      tenant: grant.tenant,
      hardware: known?.hardware ?? null,
      enrolled: true,
      credentialHash: credentialHash(credential),
      firstSeenMs: known?.firstSeenMs ?? this.#now(),
      decommissionedMs: null,
    });
    this.#check.forget(request.node);
    return { node: request.node, site: grant.site, credential };
  }
}

/** A token for any node must not take over one that is there: that takes a token in its name. */
function checkGrant(grant: JoinGrant, request: JoinRequest, knownKey: string | null): void {
  if (grant.node !== null && grant.node !== request.node) {
    throw new Refusal(403, `the token is for ${grant.node}, not for ${request.node}`);
  }
  if (grant.node === null && knownKey !== null && knownKey !== request.publicKey) {
    throw new Refusal(409, `${request.node} has another key already: expected a token in its name`);
  }
}

function parseRequest(body: unknown): JoinRequest {
  const parsed = requestShape.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Refusal(400, problems.join('; '));
}
