import type { FastifyError, FastifyReply } from 'fastify';
import { MalformedBatchError } from '#libs/model/batch.ts';
import { DavylampError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import { ForeignFrameError } from './ingest.ts';

const RETRY_AFTER_SECONDS = 1;

/** Ends a request with a status and one sentence. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: 400 | 401 | 403 | 404 | 409 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

/** The status that tells an agent what to do: 503 wait, 413 split, others of 4xx call a person. */
export function statusOf(error: Error): number {
  if (error instanceof Refusal) return error.status;
  if (error instanceof ForeignFrameError) return 403;
  if (error instanceof MalformedBatchError) return 400;
  if (error instanceof MessageTooLargeError) return 413;
  if (error instanceof DavylampError) return error.retryable ? 503 : 500;
  return (error as FastifyError).statusCode ?? 500;
}

/** Answers with an error. Only what is the sender's to know goes out. */
export function sendError(reply: FastifyReply, error: Error): FastifyReply {
  const status = statusOf(error);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 503) reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  return reply
    .code(status)
    .send({ error: status >= 500 && status !== 503 ? 'internal error' : error.message });
}
