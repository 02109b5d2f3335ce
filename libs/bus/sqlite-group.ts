import type { Consumption, Subscription } from './port.ts';
import type { Log, SqliteLog } from './sqlite-log.ts';
import { SqliteReader } from './sqlite-reader.ts';

/**
 * The members of one group, all in this process, and who reads which partition.
 *
 * A change of members moves as few partitions as round-robin allows: each moves after its old reader has finished
 * the batch in hand, so a partition never has two readers.
 */
export class SqliteGroup {
  readonly #file: SqliteLog;
  readonly #write: (work: () => void) => Promise<void>;
  readonly #readers = new Map<number, SqliteReader>();
  #members: readonly Subscription[] = [];
  #change: Promise<void> = Promise.resolve();

  constructor(file: SqliteLog, write: (work: () => void) => Promise<void>) {
    this.#file = file;
    this.#write = write;
  }

  /** Resolves when the member reads its partitions. */
  async join(member: Subscription): Promise<Consumption> {
    await this.#become(() => [...this.#members, member]);
    return { stop: () => this.#become(() => this.#members.filter((other) => other !== member)) };
  }

  /** Wakes the readers of these logs; of all, when none are named. */
  wake(logs?: ReadonlySet<number>): void {
    for (const [id, reader] of this.#readers) if (!logs || logs.has(id)) reader.wake();
  }

  async close(): Promise<void> {
    await this.#become(() => []);
  }

  #become(members: () => readonly Subscription[]): Promise<void> {
    const change = this.#change.then(() => {
      this.#members = members();
      return this.#rebalance();
    });
    this.#change = change.catch(() => undefined);
    return change;
  }

  async #rebalance(): Promise<void> {
    const owners = this.#owners();
    const leaving = [...this.#readers].filter(
      ([id, reader]) => owners.get(id)?.member !== reader.subscription,
    );
    await Promise.all(leaving.map(([, reader]) => reader.stop()));
    for (const [id] of leaving) this.#readers.delete(id);
    for (const [id, { log, member }] of owners) {
      if (!this.#readers.has(id))
        this.#readers.set(id, new SqliteReader(this.#file, log, member, this.#write));
    }
    await Promise.all([...this.#readers.values()].map((reader) => reader.ready));
  }

  #owners(): Map<number, { log: Log; member: Subscription }> {
    const owners = new Map<number, { log: Log; member: Subscription }>();
    for (const topic of new Set(this.#members.flatMap((member) => member.topics))) {
      const readers = this.#members.filter((member) => member.topics.includes(topic));
      for (const log of this.#file.logs(topic)) {
        const member = readers[log.partition % readers.length];
        if (member) owners.set(log.id, { log, member });
      }
    }
    return owners;
  }
}
