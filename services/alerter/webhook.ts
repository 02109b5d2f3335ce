import { createHmac } from 'node:crypto';
import type { Notice } from '#libs/ledger/alert-port.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';

export interface WebhookSettings {
  readonly webhookUrl: string;
  /** Signs the body: `davylamp-signature: sha256=<HMAC-SHA256, hex>`. */
  readonly webhookSecret?: string | undefined;
  readonly webhookTimeoutMs: number;
}

/**
 * Posts a notice. Resolves when the receiver has acknowledged it with a 2xx; redirections are not followed.
 * The header `idempotency-key` lets a receiver tell a repeat, which is possible when its reply was lost.
 * @throws DeliveryError
 */
export async function postNotice(notice: Notice, settings: WebhookSettings): Promise<void> {
  const response = await post(notice, settings);
  // Only the status counts; an unread body would hold the connection.
  await response.body?.cancel();
  if (!response.ok) {
    const { host } = new URL(settings.webhookUrl);
    throw new DeliveryError(`${host}: expected a status of 2xx, got ${response.status}`);
  }
}

async function post(notice: Notice, settings: WebhookSettings): Promise<Response> {
  const { webhookUrl, webhookSecret, webhookTimeoutMs } = settings;
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': notice.id,
    'user-agent': 'davylamp',
    ...(webhookSecret ? { 'davylamp-signature': signatureOf(notice.body, webhookSecret) } : {}),
  };
  const signal = AbortSignal.timeout(webhookTimeoutMs);
  try {
    return await fetch(webhookUrl, {
      method: 'POST',
      headers,
      body: notice.body,
      redirect: 'manual',
      signal,
    });
  } catch (cause) {
    // The host alone: an address may hold a secret, and people read this.
    const { host } = new URL(webhookUrl);
    throw new DeliveryError(`${host}: ${reasonOf(cause, webhookTimeoutMs)}`, { cause });
  }
}

export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** `fetch` hides what happened in the cause of its error. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `expected an answer within ${timeoutMs} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
