import type { Notice, NoticeBody } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { SEVERITIES, type Severity } from '#libs/model/finding.ts';
import type { Surroundings } from '#libs/runtime/app.ts';

/** Notices a look; what is left is addressed with the next. */
const LIMIT = 1_000;

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/**
 * Whom a notice is for. An end is for those who were told of the beginning, an escalation for everybody.
 * @param told the channels that have been told of the alert.
 */
export function channelsFor(
  { event, severity }: { readonly event: Notice['event']; readonly severity: Severity },
  channels: readonly string[],
  told: ReadonlySet<string>,
  notifyFrom: Severity,
): readonly string[] {
  if (event === 'escalated') return channels;
  if (event === 'resolved') return channels.filter((channel) => told.has(channel));
  return isAtLeast(severity, notifyFrom) ? channels : [];
}

/** Decides for each notice which channels it goes to. Done again it changes nothing. */
export class Addressing {
  readonly #ledger: Ledger;
  readonly #channels: readonly string[];
  readonly #notifyFrom: Severity;
  readonly #surroundings: Surroundings;
  #last: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, channels: readonly string[], notifyFrom: Severity, surroundings: Surroundings) {
    this.#ledger = ledger;
    this.#channels = channels;
    this.#notifyFrom = notifyFrom;
    this.#surroundings = surroundings;
  }

  /** Addresses what nobody has been addressed with yet, oldest first: who is told of an end depends on the beginning. */
  look(): Promise<void> {
    return this.#afterOthers(async () => {
      for (const notice of await this.#ledger.outbox.unaddressed(LIMIT)) await this.#address(notice);
    });
  }

  /** Tells of alerts that have grown grave enough since they opened, or that opened before there was a channel. */
  lookAgain(): Promise<void> {
    return this.#afterOthers(async () => {
      if (this.#channels.length === 0) return;
      const severities = SEVERITIES.filter((severity) => isAtLeast(severity, this.#notifyFrom));
      for (const { id } of await this.#ledger.outbox.untold(severities))
        await this.#ledger.outbox.address(id, this.#channels, Date.now());
    });
  }

  /** One look at a time: an end must not be addressed while its beginning is being told after all. */
  #afterOthers(look: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(look);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #address(notice: Notice): Promise<void> {
    const { outbox } = this.#ledger;
    const { event, alert } = JSON.parse(notice.body) as NoticeBody;
    const former = event === 'resolved' ? await outbox.deliveries({ alert: notice.alert }) : [];
    const told = new Set(former.map(({ channel }) => channel));
    const { severity } = alert;
    const channels = channelsFor({ event, severity }, this.#channels, told, this.#notifyFrom);
    await outbox.address(notice.id, channels, Date.now());
    if (channels.length === 0) this.#nobody(notice);
  }

  #nobody({ id, event }: Notice): void {
    this.#surroundings.counters.add('alerter_deliveries', { outcome: 'nobody' });
    const reason = this.#channels.length === 0 ? 'no channel is set' : 'its alert is below notifyFrom';
    this.#surroundings.log.info({ notice: id, event, reason }, 'a notice is for nobody');
  }
}
