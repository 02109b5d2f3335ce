import type { Notice } from '#libs/ledger/alert-port.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Channel } from '#services/alerter/channel.ts';
import type { Digest } from '#services/alerter/digest.ts';

/** A receiver in this process that writes down what reaches it, and refuses while it is told to. */
export class Notebook implements Channel {
  readonly name: string;
  readonly target = 'a notebook';
  readonly repeatMs?: number;
  readonly told: Notice[] = [];
  readonly digests: Digest[] = [];
  isAway = false;

  constructor(name: string, repeatMs?: number) {
    this.name = name;
    if (repeatMs !== undefined) this.repeatMs = repeatMs;
  }

  async deliver(notice: Notice): Promise<void> {
    await this.#open();
    this.told.push(notice);
  }

  async digest(digest: Digest): Promise<void> {
    await this.#open();
    this.digests.push(digest);
  }

  async #open(): Promise<void> {
    if (this.isAway) await Promise.reject(new DeliveryError(`${this.name} is away`));
  }

  get events(): readonly string[] {
    return this.told.map(({ event }) => event);
  }
}
