import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { makePrivateDatabase } from '#libs/runtime/private-file.ts';
import { refuseTooLarge } from './limits.ts';
import type { Batch, Bus, Outgoing, ReplayOptions } from './port.ts';
import { SqliteGroup } from './sqlite-group.ts';
import { SqliteLog } from './sqlite-log.ts';

export interface SqliteBusOptions {
  /** The log file; its folder is created. */
  readonly path: string;
  /** Partitions of topics that name no number. */
  readonly partitions: number;
  /** How often retention and compaction run. Default 60 s. */
  readonly sweepMs?: number;
  /** How often other processes' messages are looked for. Default 100 ms: the most they wait here. */
  readonly pollMs?: number;
  /** Told when retention or the look for other processes' messages failed; both are tried again. */
  readonly failed?: (error: unknown) => void;
}

const REPLAY_RECORDS = 1_000;
const REPLAY_BYTES = 1 << 20;

interface Write {
  readonly work: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The embedded bus: one append-only log file, by `node:sqlite`.
 *
 * Any number of processes may publish, replay and ask for offsets; a consumer group lives in one process.
 * Everything that is written in one turn of the event loop is one transaction, so one sync of the disk.
 * @throws BusUnavailableError if the file cannot be opened.
 */
export function createSqliteBus(options: SqliteBusOptions): Bus {
  return new SqliteBus(options);
}

class SqliteBus implements Bus {
  readonly #file: SqliteLog;
  readonly #partitions: number;
  readonly #groups = new Map<string, SqliteGroup>();
  readonly #failed: SqliteBusOptions['failed'];
  readonly #timers: readonly NodeJS.Timeout[];
  #writes: Write[] = [];
  #version = 0;
  #closed = false;

  constructor({ path, partitions, sweepMs = 60_000, pollMs = 100, failed }: SqliteBusOptions) {
    this.#partitions = partitions;
    this.#file = open(path);
    this.#failed = failed;
    this.#timers = [
      setInterval(() => this.#survive(() => this.#poll()), pollMs),
      setInterval(() => this.#survive(() => this.#sweep()), sweepMs).unref(),
    ];
  }

  async ensure(topics: Parameters<Bus['ensure']>[0]): Promise<void> {
    await this.#write(() => this.#file.ensure(topics, this.#partitions));
  }

  async publish(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    this.#refuseClosed();
    refuseTooLarge(messages);
    const routes = messages.map((message) => this.#file.route(message));
    await this.#write(() => this.#file.append(messages, routes, Date.now()));
    const written = new Set(routes.map((log) => log.id));
    for (const group of this.#groups.values()) group.wake(written);
  }

  async subscribe(subscription: Parameters<Bus['subscribe']>[0]) {
    this.#refuseClosed();
    for (const topic of subscription.topics) this.#file.logs(topic);
    let group = this.#groups.get(subscription.group);
    if (!group) {
      group = new SqliteGroup(this.#file, (work) => this.#write(work));
      this.#groups.set(subscription.group, group);
    }
    return await group.join(subscription);
  }

  async replay(
    topic: string,
    { partitions, from = {} }: ReplayOptions,
    deliver: (batch: Batch) => Promise<void>,
  ) {
    this.#refuseClosed();
    for (const log of this.#file.logs(topic)) {
      const { partition } = log;
      if (partitions && !partitions.includes(partition)) continue;
      const { low, next } = this.#file.bounds(log.id);
      for (let offset = from[partition] ?? low; offset < next; ) {
        const records = this.#file.read(log, offset, next, REPLAY_RECORDS, REPLAY_BYTES);
        if (records.length === 0) break;
        await deliver({ topic, partition, records });
        offset = (records.at(-1)?.offset ?? next) + 1;
      }
    }
  }

  async offsets(topic: string, group?: string) {
    this.#refuseClosed();
    return this.#file.offsets(topic, group);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
    for (const timer of this.#timers) clearInterval(timer);
    this.#flush();
    this.#closed = true;
    this.#file.close();
  }

  #refuseClosed(): void {
    if (this.#closed) throw new BusUnavailableError('the bus is closed: open another');
  }

  #write(work: () => void): Promise<void> {
    this.#refuseClosed();
    return new Promise((resolve, reject) => {
      this.#writes.push({ work, resolve, reject });
      if (this.#writes.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    try {
      this.#file.transaction(() => {
        for (const { work } of writes) work();
      });
    } catch (error) {
      for (const { reject } of writes) reject(error);
      return;
    }
    for (const { resolve } of writes) resolve();
  }

  #poll(): void {
    const version = this.#file.version();
    if (version === this.#version) return;
    this.#version = version;
    for (const group of this.#groups.values()) group.wake();
  }

  #sweep(): void {
    if (this.#closed || !this.#file.sweep(Date.now())) return;
    setImmediate(() => this.#survive(() => this.#sweep()));
  }

  #survive(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed?.(error);
    }
  }
}

function open(path: string): SqliteLog {
  try {
    if (path !== ':memory:') makePrivateDatabase(path);
    return new SqliteLog(path);
  } catch (cause) {
    throw new BusUnavailableError(`${path}: expected a log file that can be opened`, { cause });
  }
}
