import type { FastifyError, FastifyReply } from 'fastify';
import { ConflictError, DavylampError, NotFoundError } from '#libs/runtime/errors.ts';
import type { ProblemView } from './contract/problem.ts';

const RETRY_AFTER_SECONDS = 2;

/** Ends a request with a status and one sentence. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 503;
  /** When to come back; undefined: it is not a matter of time. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Refusal['status'], message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is not there, and what is another tenant's: nobody can tell which. */
export function notFound(what: string): Refusal {
  return new Refusal(404, `${what}: expected one that exists`);
}

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  415: 'invalid',
  429: 'too-many',
  503: 'unavailable',
};

/** The status of an error; 500 for what nobody expected. */
export function statusOf(error: Error): number {
  if (error instanceof Refusal) return error.status;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return 409;
  if (error instanceof DavylampError) return error.retryable ? 503 : 500;
  return (error as FastifyError).statusCode ?? 500;
}

/** Answers with an error. What went wrong inside is for the log, not for the asker. */
export function sendProblem(reply: FastifyReply, error: Error): FastifyReply {
  const status = statusOf(error);
  const problem: ProblemView = { code: CODES[status] ?? 'internal', message: messageOf(status, error) };
  const retryAfter = retryAfterOf(status, error);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(problem));
}

function retryAfterOf(status: number, error: Error): number | undefined {
  const told = error instanceof Refusal ? error.retryAfterSeconds : undefined;
  return told ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
}

function messageOf(status: number, error: Error): string {
  if (status === 503) return 'a part of the installation does not answer now: try again';
  return status >= 500 ? 'internal error: see the log of the console' : error.message;
}
