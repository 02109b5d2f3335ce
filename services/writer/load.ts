import { deadLetter, leastDeadLetter } from '#libs/bus/dead-letter.ts';
import type { Batch, Outgoing } from '#libs/bus/port.ts';
import type { CustodyEntry } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { SequenceRun } from '#libs/model/frame.ts';
import type { Point } from '#libs/series/port.ts';

/** Of records in a batch: from the first to before the last. */
interface Places {
  readonly from: number;
  readonly to: number;
}

interface Claim extends SequenceRun {
  readonly record: number;
  readonly node: string;
  readonly boot: string;
}

/**
 * What one batch asks to be done: points to store, assessments to choose from, records to dead-letter, and the frames whose fate follows from
 * that. A record with a reason is dead; its frames share its fate.
 */
export class Load {
  readonly batch: Batch;
  readonly points: Point[] = [];
  /** For each point, the place of its record in the batch. */
  readonly #origins: number[] = [];
  readonly #claims: Claim[] = [];
  readonly #assessments: { readonly record: number; readonly assessment: Assessment }[] = [];
  /** Of the whole batch: parts share it. */
  readonly #reasons: Map<number, string>;
  readonly #places: Places;
  #isHopeless = false;

  constructor(
    batch: Batch,
    places: Places = { from: 0, to: batch.records.length },
    reasons: Map<number, string> = new Map(),
  ) {
    this.batch = batch;
    this.#places = places;
    this.#reasons = reasons;
  }

  /** Points of the record at this place. */
  addPoints(record: number, points: readonly Point[]): void {
    for (const point of points) {
      this.points.push(point);
      this.#origins.push(record);
    }
  }

  /** Frames whose fate is that of the record. */
  claim(record: number, node: string, boot: string, { from, to }: SequenceRun): void {
    this.#claims.push({ record, node, boot, from, to });
  }

  /** The record is this assessment. */
  assess(record: number, assessment: Assessment): void {
    this.#assessments.push({ record, assessment });
  }

  /** The record cannot be used. The first reason stays. */
  bury(record: number, reason: string): void {
    if (!this.#reasons.has(record)) this.#reasons.set(record, reason);
  }

  /** The store does not take this point. */
  refuse(point: number, reason: string): void {
    this.bury(this.#origins[point] as number, reason);
  }

  /** Nothing is to be done. */
  get isEmpty(): boolean {
    return this.points.length === 0 && this.#reasons.size === 0 && this.#claims.length === 0;
  }

  /** How many records are buried. */
  get dead(): number {
    return this.#reasons.size;
  }

  deadLetters(service: string): readonly Outgoing[] {
    const form = this.#isHopeless ? leastDeadLetter : deadLetter;
    return [...this.#reasons].flatMap(([place, reason]) => {
      const record = this.#has(place) ? this.batch.records[place] : undefined;
      return record ? [form(this.batch, record, reason, service)] : [];
    });
  }

  /** Its records in two loads, which bury in its name; null: it is one record. O(n). */
  halves(): readonly [Load, Load] | null {
    const { from, to } = this.#places;
    const middle = (from + to) >> 1;
    return middle === from ? null : [this.#part(from, middle), this.#part(middle, to)];
  }

  /** The one record in it cannot be made durable: it is buried, its letter takes the least form, its points go. */
  giveUp(reason: string): void {
    this.bury(this.#places.from, reason);
    this.#isHopeless = true;
    this.points.length = 0;
    this.#origins.length = 0;
  }

  /** The ledger cannot hold its claims: what became of these frames stays unknown. */
  disown(): void {
    this.#claims.length = 0;
  }

  /** Those of records that are not buried, in the order of the batch. */
  assessments(): readonly Assessment[] {
    return this.#assessments.flatMap(({ record, assessment }) =>
      this.#reasons.has(record) ? [] : [assessment],
    );
  }

  /** Runs of sequence numbers with their fate, neighbours united. */
  custody(): readonly CustodyEntry[] {
    const entries: CustodyEntry[] = [];
    const newest = new Map<string, number>();
    for (const { record, node, boot, from, to } of this.#claims) {
      const fate = this.#reasons.has(record) ? 'dead' : 'stored';
      const chain = `${node}/${boot}/${fate}`;
      const place = newest.get(chain);
      const last = place === undefined ? undefined : entries[place];
      if (place !== undefined && last?.to === from - 1) entries[place] = { ...last, to };
      else newest.set(chain, entries.push({ node, boot, fate, from, to }) - 1);
    }
    return entries;
  }

  #has(place: number): boolean {
    return place >= this.#places.from && place < this.#places.to;
  }

  #part(from: number, to: number): Load {
    const part = new Load(this.batch, { from, to }, this.#reasons);
    const isIn = ({ record }: { readonly record: number }) => part.#has(record);
    for (const [i, point] of this.points.entries()) {
      const record = this.#origins[i] as number;
      if (part.#has(record)) part.addPoints(record, [point]);
    }
    part.#claims.push(...this.#claims.filter(isIn));
    part.#assessments.push(...this.#assessments.filter(isIn));
    return part;
  }
}
