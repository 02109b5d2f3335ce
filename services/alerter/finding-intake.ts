import { deadLetter } from '#libs/bus/dead-letter.ts';
import type { Batch, BatchControl, Bus, Delivered } from '#libs/bus/port.ts';
import type { AlertChange } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Finding } from '#libs/model/finding.ts';
import { HEADERS } from '#libs/model/headers.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { MalformedFindingError, parseFinding } from './parse-finding.ts';

/**
 * Takes findings from the bus into the ledger. An offset is committed after the transactions of what it covers;
 * what comes twice changes nothing.
 */
export class FindingIntake {
  readonly #bus: Bus;
  readonly #ledger: Ledger;
  readonly #changed: (changes: readonly AlertChange[]) => Promise<void>;
  readonly #surroundings: Surroundings;

  /** @param changed told of the changes of a batch before its offset is committed; what it misses, the sweep finds. */
  constructor(
    bus: Bus,
    ledger: Ledger,
    changed: (changes: readonly AlertChange[]) => Promise<void>,
    surroundings: Surroundings,
  ) {
    this.#bus = bus;
    this.#ledger = ledger;
    this.#changed = changed;
    this.#surroundings = surroundings;
  }

  async take(batch: Batch, control: BatchControl): Promise<void> {
    const { counters } = this.#surroundings;
    const changes: AlertChange[] = [];
    for (const record of batch.records) {
      if (control.stale) return;
      const finding = await this.#read(batch, record);
      const change = finding ? await this.#ledger.alerts.take(finding) : null;
      if (change) {
        counters.add('alerter_changes', { change: change.change });
        changes.push(change);
      }
      await control.heartbeat();
    }
    await this.#changed(changes);
    const last = batch.records.at(-1);
    if (last && !control.stale) await control.commit(last.offset + 1);
  }

  /** Null: it is no finding, and lies with the dead letters now. */
  async #read(batch: Batch, record: Delivered): Promise<Finding | null> {
    const { counters, log } = this.#surroundings;
    counters.add('alerter_received', {});
    try {
      refuseOtherTypes(record);
      return parseFinding(record.value);
    } catch (error) {
      if (!(error instanceof MalformedFindingError)) throw error;
      await this.#bus.publish([deadLetter(batch, record, error.message, 'alerter')]);
      counters.add('alerter_dead_lettered', {});
      log.warn({ partition: batch.partition, offset: record.offset, reason: error.message }, 'dead letter');
      return null;
    }
  }
}

function refuseOtherTypes({ headers }: Delivered): void {
  const header = headers[HEADERS.type];
  const type = header ? new TextDecoder().decode(header) : 'none';
  if (type !== 'finding')
    throw new MalformedFindingError(`header type: expected finding, got ${type.slice(0, 40)}`);
}
