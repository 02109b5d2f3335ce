import type { Attempt } from '#libs/jobs/port.ts';
import type { Notice, Outbox } from '#libs/ledger/alert-port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';
import { postNotice, type WebhookSettings } from './webhook.ts';

export type DeliverySettings = Omit<WebhookSettings, 'webhookUrl'> & {
  readonly webhookUrl?: string | undefined;
};

const NOBODY = 'nobody to tell: no webhookUrl is set';

/** Tells the receiver of a notice, and the ledger of the outcome. A job carries the notice's id. */
export class Delivery {
  readonly #outbox: Outbox;
  readonly #settings: DeliverySettings;
  readonly #surroundings: Surroundings;

  constructor(outbox: Outbox, settings: DeliverySettings, surroundings: Surroundings) {
    this.#outbox = outbox;
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  /** @throws DeliveryError when the receiver did not acknowledge, or must first be told of something earlier. */
  async run({ id }: Attempt): Promise<void> {
    const notice = await this.#outbox.find(id);
    if (!notice || notice.deliveredMs !== null) return;
    await this.#outbox.address(id, this.#settings.webhookUrl ? ['webhook'] : [], Date.now());
    const next = await this.#outbox.next(notice.alert, 'webhook');
    if (next && next.id !== id) throw new DeliveryError(`${id}: expected ${next.id} to be delivered first`);
    const { webhookUrl } = this.#settings;
    if (webhookUrl) await this.#deliver(notice, { ...this.#settings, webhookUrl });
    else await this.#shelve(notice);
  }

  async #deliver(notice: Notice, settings: WebhookSettings): Promise<void> {
    const { counters } = this.#surroundings;
    try {
      await postNotice(notice, settings);
    } catch (error) {
      counters.add('alerter_deliveries', { outcome: 'failed' });
      await this.#outbox.attempted(
        notice.id,
        'webhook',
        Date.now(),
        error instanceof Error ? error.message : String(error),
      );
      throw error;
    }
    await this.#acknowledged(notice);
  }

  /** Between the reply and this record lies the one place where a receiver may be told twice. */
  async #acknowledged(notice: Notice): Promise<void> {
    const { counters } = this.#surroundings;
    try {
      await this.#outbox.attempted(notice.id, 'webhook', Date.now(), null);
    } catch (error) {
      counters.add('alerter_deliveries', { outcome: 'unrecorded' });
      throw error;
    }
    counters.add('alerter_deliveries', { outcome: 'acknowledged' });
  }

  async #shelve(notice: Notice): Promise<void> {
    await Promise.resolve();
    this.#surroundings.counters.add('alerter_deliveries', { outcome: 'nobody' });
    this.#surroundings.log.warn({ notice: notice.id, event: notice.event }, NOBODY);
  }
}
