import type { ProblemView } from '../api/contract/problem.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An answer that is not 2xx, or none at all (status 0). The message is meant for the person. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

let whenLoggedOut: (() => void) | null = null;

/** Calls back when the server no longer knows the session. */
export function onLoggedOut(callback: () => void): void {
  whenLoggedOut = callback;
}

/** Answers that were asked for before the page that needs them was drawn, by path: taken once. Null: there is none. */
const ahead = new Map<string, Promise<unknown>>();

/** Begins a request that a page will soon {@link get}; what fails, that page asks again: somebody may have logged in. */
export function getAhead(path: string): void {
  const answer = fetch(path).then((response) => (response.ok ? response.json() : null));
  ahead.set(
    path,
    answer.catch(() => null),
  );
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const early = ahead.get(path);
  ahead.delete(path);
  return ((await early) ?? (await request('GET', path, undefined, signal))) as T;
}

/** @throws ApiError */
export async function send<T>(method: Method, path: string, body?: unknown): Promise<T> {
  return (await request(method, path, body)) as T;
}

async function request(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const response = await reach(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal ? { signal } : {}),
  });
  if (response.ok) return response.status === 204 ? null : await response.json();
  const problem = await readProblem(response);
  // At the log-in itself a refusal has another meaning.
  if (response.status === 401 && !(path === '/api/session' && method !== 'DELETE')) whenLoggedOut?.();
  throw new ApiError(response.status, problem);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(
      0,
      'The console cannot be reached. It may be restarting; this page tries again.',
      cause,
    );
  }
}

async function readProblem(response: Response): Promise<string> {
  try {
    return ((await response.json()) as ProblemView).message;
  } catch {
    return `The console answered ${response.status}.`;
  }
}
