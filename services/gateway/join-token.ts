import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

const grantShape = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The only node it is for; null: any node that is not known yet. */
  node: z.string().nullable(),
  site: z.string(),
  tenant: z.string().nullable(),
  expiresMs: z.number(),
});

/** What a person allows a machine to do once. */
export type JoinGrant = z.infer<typeof grantShape>;

/**
 * Makes a one-time token with which an agent joins: `<grant, base64url>.<HMAC-SHA-256, base64url>`. It is signed with
 * a secret in `<dataDir>/gateway/`, so it needs no storage until it is spent, in the ledger.
 * @param grant `expiresMs` in Unix ms.
 */
export function createJoinToken(dataDir: string, grant: Omit<JoinGrant, 'id'>): string {
  const full: JoinGrant = { id: randomBytes(16).toString('hex'), ...grant };
  const body = Buffer.from(JSON.stringify(full)).toString('base64url');
  return `${body}.${signature(gatewayFolder(dataDir), body).toString('base64url')}`;
}

/** Where a gateway keeps its certificate and its secret. */
export function gatewayFolder(dataDir: string): string {
  return join(dataDir, 'gateway');
}

/** Recognises tokens. Which are spent, the ledger knows; of those from before it did, a file. */
export class JoinTokens {
  readonly #folder: string;
  readonly #spent: Set<string>;

  constructor(dataDir: string) {
    this.#folder = gatewayFolder(dataDir);
    this.#spent = new Set(readSpent(join(this.#folder, 'spent-tokens')));
  }

  /** The grant of a token that is genuine, in time and not in that file; else null. */
  read(token: string, nowMs: number): JoinGrant | null {
    const [body = '', given = ''] = token.split('.');
    const expected = signature(this.#folder, body);
    const signed = Buffer.from(given, 'base64url');
    if (signed.length !== expected.length || !timingSafeEqual(signed, expected)) return null;
    const grant = grantShape.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return grant.expiresMs > nowMs && !this.#spent.has(grant.id) ? grant : null;
  }
}

function readSpent(path: string): readonly string[] {
  return existsSync(path)
    ? readFileSync(path, 'latin1')
        .split('\n')
        .filter((id) => id !== '')
    : [];
}

function signature(folder: string, body: string): Buffer {
  return createHmac('sha256', joinSecret(folder)).update(body).digest();
}

/** Made by whoever needs it first, the gateway or the command line. */
function joinSecret(folder: string): Buffer {
  const path = join(folder, 'join-secret');
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  try {
    // `wx`: of two processes at once one makes it, the other reads it.
    writeFileSync(path, randomBytes(32), { mode: FILE_MODE, flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path);
}
