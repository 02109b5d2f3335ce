import { createHmac } from 'node:crypto';
import type { Notice } from '#libs/ledger/alert-port.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Channel } from '../channel.ts';
import { hostOf, request } from './http.ts';

export interface WebhookSettings {
  readonly webhookUrl: string;
  /** Signs the body: `davylamp-signature: sha256=<HMAC-SHA256, hex>`. */
  readonly webhookSecret?: string | undefined;
  readonly webhookTimeoutMs: number;
}

/**
 * Posts a notice's body. Delivered when the receiver has acknowledged it with a 2xx.
 * The header `idempotency-key` lets a receiver tell a repeat, which is possible when its reply was lost.
 */
export function webhookChannel(settings: WebhookSettings): Channel {
  const target = hostOf(settings.webhookUrl);
  return {
    name: 'webhook',
    target,
    async deliver(notice) {
      const response = await post(notice, settings);
      // Only the status counts; an unread body would hold the connection.
      await response.body?.cancel();
      if (!response.ok)
        throw new DeliveryError(`${target}: expected a status of 2xx, got ${response.status}`);
    },
  };
}

function post({ id, body }: Notice, settings: WebhookSettings): Promise<Response> {
  const { webhookUrl, webhookSecret, webhookTimeoutMs } = settings;
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': id,
    ...(webhookSecret ? { 'davylamp-signature': signatureOf(body, webhookSecret) } : {}),
  };
  return request(webhookUrl, { method: 'POST', headers, body }, webhookTimeoutMs);
}

export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
