import { DeliveryError } from '#libs/runtime/errors.ts';

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  /** A status of 2xx. */
  readonly ok: boolean;
  readonly isJson: boolean;
  readonly text: string;
}

/**
 * One request; whatever status comes back is an answer. Redirections are not followed. A user and password in the
 * address become basic authentication.
 * @throws DeliveryError that names the host alone: an address may hold a secret, and people read this.
 */
export function request(address: string, asked: Asked, timeoutMs: number): Promise<Response> {
  const { bare, authorization } = takeCredentials(address);
  const headers = { ...asked.headers, 'user-agent': 'davylamp', ...authorization };
  const signal = AbortSignal.timeout(timeoutMs);
  return named(address, timeoutMs, () => fetch(bare, { ...asked, headers, redirect: 'manual', signal }));
}

/** The same, with the answer read to its end. */
export async function ask(address: string, asked: Asked, timeoutMs: number): Promise<Answer> {
  const response = await request(address, asked, timeoutMs);
  const text = await named(address, timeoutMs, () => response.text());
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, ok: response.ok, isJson, text };
}

async function named<T>(address: string, timeoutMs: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new DeliveryError(`${hostOf(address)}: ${reasonOf(cause, timeoutMs)}`, { cause });
  }
}

/** Host and port of an address, which people may read. */
export const hostOf = (address: string): string => new URL(address).host;

/** `fetch` takes no address with a password in it. */
function takeCredentials(address: string): { bare: string; authorization: Record<string, string> } {
  const url = new URL(address);
  if (!url.username && !url.password) return { bare: address, authorization: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { bare: url.href, authorization: { authorization } };
}

/** `fetch` hides what happened in the cause of its error. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `expected an answer within ${timeoutMs} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
