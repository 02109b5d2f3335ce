import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** One of the equal settings of OWASP's Password Storage Cheat Sheet: 32 MiB and some 0.25 s a password. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** 144 bits in letters that survive being read out and typed: what the product makes is this long. */
const MADE_BYTES = 18;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** `scrypt:N:r:p:salt:key`: the settings stand with the hash, so that they can be raised later. */
export async function hashPassword(password: string, cost: Cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await keyOf(password, salt, cost);
  const { N, r, p } = cost;
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Takes as long for a wrong password as for a right one. @throws Error for a hash that is none of ours. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', key = ''] = hash.split(':');
  if (scheme !== 'scrypt') throw new Error(`${scheme}: expected a hash of the scheme scrypt`);
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const derived = await keyOf(password, Buffer.from(salt, 'base64url'), cost);
  return timingSafeEqual(derived, Buffer.from(key, 'base64url'));
}

/** A password that nobody chose. */
export function makePassword(): string {
  return randomBytes(MADE_BYTES).toString('base64url');
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** The same letters typed on another machine may come as other code points: NFKC makes them one. */
function keyOf(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const maxmem = 2 ** 20 + 128 * r * (N + p);
  return derive(password.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem });
}
