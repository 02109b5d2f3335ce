import { z } from 'zod';
import { headerText } from '#libs/bus/header-text.ts';
import type { Batch, Delivered } from '#libs/bus/port.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { HEADERS, isHeader, MESSAGE_TYPES, type MessageType } from '#libs/model/headers.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import type { Counters } from '#libs/runtime/counters.ts';
import { assessmentPoint, parseAssessment } from './assessment-points.ts';
import { framePoints } from './frame-points.ts';
import { Load } from './load.ts';
import type { Resolution } from './policy.ts';

/** Turns batches into loads, by the policy. It decodes and decides; it reads and writes nothing. */
export class Intake {
  readonly #policy: Resolution;
  /** Nodes whose every frame is stored under `adaptive`. */
  readonly #detailed: ReadonlySet<string>;
  readonly #counters: Counters;
  readonly #decoder = new FrameDecoder();

  constructor(policy: Resolution, detailed: ReadonlySet<string>, counters: Counters) {
    this.#policy = policy;
    this.#detailed = detailed;
    this.#counters = counters;
  }

  load(batch: Batch): Load {
    const load = new Load(batch);
    for (const [place, record] of batch.records.entries()) this.#take(load, place, record);
    return load;
  }

  /** Only frames of these nodes received since then: for backfill. */
  framesOf(batch: Batch, nodes: ReadonlySet<string>, sinceMs: number): Load {
    const load = new Load(batch);
    for (const [place, record] of batch.records.entries()) {
      const isWanted = record.receivedMs >= sinceMs && nodes.has(record.key) && typeOf(record) === 'frame';
      // What cannot be read was buried when it was read the first time.
      if (isWanted) this.#attempt(load, place, () => this.#takeFrame(load, place, record), false);
    }
    return load;
  }

  #take(load: Load, place: number, record: Delivered): void {
    const type = typeOf(record);
    if (type === 'frame') {
      const isRead = this.#attempt(load, place, () => this.#takeFrame(load, place, record));
      if (!isRead) claimByHeaders(load, place, record);
    } else if (type === 'summary') {
      this.#attempt(load, place, () => this.#takeSummary(load, place, record));
    } else if (type === 'assessment') {
      this.#attempt(load, place, () => takeAssessment(load, place, record));
    } else if (type !== 'tick') {
      this.#counters.add('writer_unknown_messages', { topic: load.batch.topic });
    }
  }

  /** False when the record cannot be read. */
  #attempt(load: Load, place: number, read: () => void, mustBury = true): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const reason = error instanceof MalformedFrameError ? error.reason : 'bad assessment';
      if (mustBury) {
        this.#counters.add('writer_malformed', { reason });
        load.bury(place, error.message);
      }
      return false;
    }
  }

  #takeFrame(load: Load, place: number, record: Delivered): void {
    const rows = this.#decode(record);
    const isStored =
      this.#policy === 'full' || (this.#policy === 'adaptive' && this.#detailed.has(rows.node));
    if (!isStored) return;
    load.addPoints(place, framePoints(rows, 'frame', 'all'));
    load.claim(place, rows.node, rows.boot, { from: rows.sequence, to: rows.sequence });
  }

  #takeSummary(load: Load, place: number, record: Delivered): void {
    const rows = this.#decode(record);
    load.addPoints(place, framePoints(rows, 'summary', this.#policy === 'adaptive' ? 'core' : 'all'));
    // Under `full` a frame is stored when its own points are.
    if (this.#policy === 'full') return;
    for (const run of rows.covers) load.claim(place, rows.node, rows.boot, run);
  }

  #decode(record: Delivered): DecodedRows {
    const rows = this.#decoder.decode(record.value);
    for (const column of rows.faulty) this.#counters.add('writer_faulty_values', { column });
    return rows;
  }
}

function takeAssessment(load: Load, place: number, record: Delivered): void {
  const assessment = parseAssessment(record.value);
  load.addPoints(place, [assessmentPoint(assessment)]);
  load.assess(place, assessment);
}

/** A poisoned payload balances by what its headers say, if they say it as an agent does: a ledger cannot hold every text. */
function claimByHeaders(load: Load, place: number, record: Delivered): void {
  const { node, boot, sequence } = HEADERS;
  const isSaid = [node, boot, sequence].every((name) => isHeader(name, headerText(record, name)));
  if (!isSaid) return;
  const number = Number(headerText(record, sequence));
  load.claim(place, headerText(record, node), headerText(record, boot), { from: number, to: number });
}

/** What the decoder, JSON.parse and the schema throw for bytes that are not what they should be. */
function isUnreadable(error: unknown): error is Error {
  return error instanceof MalformedFrameError || error instanceof SyntaxError || error instanceof z.ZodError;
}

const KNOWN: ReadonlySet<string> = new Set(MESSAGE_TYPES);

function typeOf(record: Delivered): MessageType | null {
  const type = headerText(record, HEADERS.type);
  return KNOWN.has(type) ? (type as MessageType) : null;
}
