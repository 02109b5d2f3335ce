import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { TopicSpec } from '#libs/model/topics.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { partitionOf } from './partition.ts';
import type { Delivered, Outgoing, PartitionOffsets } from './port.ts';
import { packHeaders, unpackHeaders } from './sqlite-headers.ts';

/** One partition of a topic. */
export interface Log {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

/** A record's row id is log × 2^40 + offset: one B-tree holds every log, each in offset order, below 2^53. */
const SPAN = 2 ** 40;
const MAX_LOGS = 2 ** 13;
/** Rows removed in one transaction, so that a sweep never holds the file for long. */
const SWEEP_ROWS = 5_000;
const BUSY_MS = 5_000;
const HOUR_MS = 3_600_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, compacted INTEGER NOT NULL,
    retention_ms INTEGER NOT NULL, low INTEGER NOT NULL, next INTEGER NOT NULL, UNIQUE (topic, partition)) STRICT;
  CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY, received_ms INTEGER NOT NULL, key TEXT NOT NULL, headers BLOB NOT NULL,
    value BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS committed (
    consumers TEXT NOT NULL, log INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (consumers, log)) STRICT, WITHOUT ROWID;
`;

/** The log file itself: synchronous, one connection. Several processes may hold one each on the same file. */
export class SqliteLog {
  readonly #db: DatabaseSync;
  readonly #topics = new Map<string, readonly Log[]>();
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #bounds: StatementSync;
  readonly #setNext: StatementSync;
  readonly #committed: StatementSync;
  readonly #commit: StatementSync;
  readonly #version: StatementSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: BUSY_MS });
    // FULL: in WAL mode NORMAL syncs at checkpoints only, and "durable" would not outlive a power cut.
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000');
    this.#db.exec(SCHEMA);
    const prepare = (sql: string) => this.#db.prepare(sql);
    this.#insert = prepare(
      'INSERT INTO record (id, received_ms, key, headers, value) VALUES (?, ?, ?, ?, ?)',
    );
    this.#select = prepare('SELECT * FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT ?');
    this.#bounds = prepare('SELECT low, next FROM log WHERE id = ?');
    this.#setNext = prepare('UPDATE log SET next = ? WHERE id = ?');
    this.#committed = prepare('SELECT next FROM committed WHERE consumers = ? AND log = ?');
    this.#commit = prepare('INSERT OR REPLACE INTO committed (consumers, log, next) VALUES (?, ?, ?)');
    this.#version = prepare('PRAGMA data_version');
  }

  /** Creates what does not exist; `partitions` is for topics that name no number. Must run inside {@link transaction}. */
  ensure(topics: readonly TopicSpec[], partitions: number): void {
    const find = this.#db.prepare('SELECT 1 FROM log WHERE topic = ? LIMIT 1');
    for (const topic of topics)
      if (!find.get(topic.name)) this.#create(topic, topic.partitions ?? partitions);
  }

  #create({ name, compacted, retentionHours }: TopicSpec, partitions: number): void {
    const create = this.#db.prepare(
      'INSERT INTO log (topic, partition, compacted, retention_ms, low, next) VALUES (?, ?, ?, ?, 0, 0)',
    );
    for (let partition = 0; partition < partitions; partition++) {
      const id = create.run(name, partition, compacted ? 1 : 0, retentionHours * HOUR_MS).lastInsertRowid;
      if (Number(id) >= MAX_LOGS) throw new RangeError(`more than ${MAX_LOGS} partitions in one log file`);
    }
  }

  /** The partitions of a topic, in order. @throws BusUnavailableError if there is no such topic (yet). */
  logs(topic: string): readonly Log[] {
    const known = this.#topics.get(topic);
    if (known) return known;
    const rows = this.#db
      .prepare('SELECT id, partition FROM log WHERE topic = ? ORDER BY partition')
      .all(topic);
    if (rows.length === 0) throw new BusUnavailableError(`no topic ${topic}: call ensure first`);
    const logs = rows.map((row) => ({ id: Number(row.id), topic, partition: Number(row.partition) }));
    this.#topics.set(topic, logs);
    return logs;
  }

  /** Where a message goes. @throws BusUnavailableError if the topic or the partition does not exist. */
  route(message: Outgoing): Log {
    const logs = this.logs(message.topic);
    const partition = message.partition ?? partitionOf(message.key, logs.length);
    const log = logs[partition];
    if (!log) {
      throw new BusUnavailableError(
        `partition ${partition} of ${message.topic}: expected 0..${logs.length - 1}`,
      );
    }
    return log;
  }

  /** Must run inside {@link transaction}. */
  append(messages: readonly Outgoing[], routes: readonly Log[], nowMs: number): void {
    const next = new Map<number, number>();
    messages.forEach((message, index) => {
      const id = routes[index]?.id ?? 0;
      const offset = next.get(id) ?? this.bounds(id).next;
      this.#insert.run(id * SPAN + offset, nowMs, message.key, packHeaders(message.headers), message.value);
      next.set(id, offset + 1);
    });
    for (const [id, offset] of next) this.#setNext.run(offset, id);
  }

  /** Records from `from` on, below `end`; ends after `maxRecords`, or after the record that passes `maxBytes`. */
  read(log: Log, from: number, end: number, maxRecords: number, maxBytes: number): Delivered[] {
    const records: Delivered[] = [];
    let bytes = 0;
    for (const row of this.#select.iterate(log.id * SPAN + from, log.id * SPAN + end, maxRecords)) {
      const value = row.value as Uint8Array;
      records.push({
        key: row.key as string,
        value,
        headers: unpackHeaders(row.headers as Uint8Array),
        offset: (row.id as number) - log.id * SPAN,
        receivedMs: row.received_ms as number,
      });
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return records;
  }

  bounds(id: number): { low: number; next: number } {
    const row = this.#bounds.get(id);
    return { low: Number(row?.low ?? 0), next: Number(row?.next ?? 0) };
  }

  committed(group: string, log: Log): number | null {
    const row = this.#committed.get(group, log.id);
    return row ? Number(row.next) : null;
  }

  commit(group: string, log: Log, next: number): void {
    this.#commit.run(group, log.id, next);
  }

  offsets(topic: string, group?: string): PartitionOffsets[] {
    return this.logs(topic).map((log) => ({
      partition: log.partition,
      ...this.bounds(log.id),
      committed: group === undefined ? null : this.committed(group, log),
    }));
  }

  /** Changes whenever another connection, of any process, has committed. */
  version(): number {
    return Number(this.#version.get()?.data_version);
  }

  /**
   * Removes what retention and compaction let go, a bounded number of rows.
   * @returns true when there is more to remove.
   */
  sweep(nowMs: number): boolean {
    const logs = this.#db.prepare('SELECT id, compacted, retention_ms, low, next FROM log').all();
    let more = false;
    for (const log of logs) {
      const id = Number(log.id);
      if (log.compacted) this.#compact(id);
      else if (Number(log.retention_ms) > 0) {
        more = this.#expire(id, Number(log.low), nowMs - Number(log.retention_ms)) || more;
      }
    }
    return more;
  }

  /** Keeps the newest record of each key. Reads every key of the log: compacted logs hold little else. */
  #compact(id: number): void {
    const range = [id * SPAN, (id + 1) * SPAN] as const;
    const remove = this.#db.prepare(`DELETE FROM record WHERE id >= ? AND id < ? AND id NOT IN
      (SELECT max(id) FROM record WHERE id >= ? AND id < ? GROUP BY key)`);
    this.transaction(() => remove.run(...range, ...range));
  }

  /** Removes the records before the first one that is young enough, like the head of a Kafka log. */
  #expire(id: number, low: number, cutoffMs: number): boolean {
    const end = Math.min(this.bounds(id).next, low + SWEEP_ROWS);
    const young = this.#db
      .prepare('SELECT min(id) AS id FROM record WHERE id >= ? AND id < ? AND received_ms >= ?')
      .get(id * SPAN + low, id * SPAN + end, cutoffMs);
    const keep = young?.id === null || young === undefined ? end : Number(young.id) - id * SPAN;
    if (keep === low) return false;
    this.transaction(() => {
      this.#db.prepare('DELETE FROM record WHERE id >= ? AND id < ?').run(id * SPAN + low, id * SPAN + keep);
      this.#db.prepare('UPDATE log SET low = max(low, ?) WHERE id = ?').run(keep, id);
    });
    return keep === end && end === low + SWEEP_ROWS;
  }

  /** @throws BusUnavailableError if the file is locked for too long, full or broken. */
  transaction(work: () => void): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      work();
      this.#db.exec('COMMIT');
    } catch (cause) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw unavailable(cause);
    }
  }

  close(): void {
    this.#db.close();
  }
}

function unavailable(cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code !== 'ERR_SQLITE_ERROR') return cause;
  return new BusUnavailableError(`the log file did not take it: ${(cause as Error).message}`, { cause });
}
