import { randomUUID } from 'node:crypto';
import { headerText } from '#libs/bus/header-text.ts';
import type { Batch, Bus, Consumption } from '#libs/bus/port.ts';
import type { Verdict } from '#libs/ledger/assessment-port.ts';
import { verdictOf } from '#libs/ledger/assessments.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { HEADERS } from '#libs/model/headers.ts';
import type { Tick } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import type { Surroundings } from '#libs/runtime/app.ts';

const OBSERVATIONS = TOPICS.observations.name;
const FINDINGS = TOPICS.findings.name;
/** Whose offsets tell how far the ledger has what these topics say. */
const KEEPERS = { [OBSERVATIONS]: 'writer', [FINDINGS]: 'alerter' } as const;

const text = new TextDecoder();

/** What the tail tells of, in the order of the bus. */
export interface TailHearer {
  verdict(verdict: Verdict, assessment: Assessment): void;
  tick(timeMs: number): void;
  finding(finding: Finding): void;
}

/**
 * What happens now, from the tail of the bus. It joins a group of its own and commits nothing: it begins where the
 * writer and the alerter are, and what lies before that is in the ledger.
 */
export class Tail {
  readonly #bus: Bus;
  readonly #hearer: TailHearer;
  readonly #surroundings: Surroundings;
  /** The newest assessment of every node, as it came: few are ever looked at. */
  readonly #newest = new Map<string, { readonly windowEndMs: number; readonly bytes: Uint8Array }>();
  #consumption: Consumption | null = null;

  constructor(bus: Bus, hearer: TailHearer, surroundings: Surroundings) {
    this.#bus = bus;
    this.#hearer = hearer;
    this.#surroundings = surroundings;
  }

  /** Where to begin: ask before the ledger is read, and nothing is missed between the two. */
  async beginnings(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const [topic, group] of Object.entries(KEEPERS)) {
      for (const { partition, low, committed } of await this.#bus.offsets(topic, group)) {
        if (committed !== null) found.set(`${topic}/${partition}`, Math.max(low, committed));
      }
    }
    return found;
  }

  async start(beginnings: ReadonlyMap<string, number>): Promise<void> {
    this.#consumption = await this.#bus.subscribe({
      group: `console-${randomUUID()}`,
      topics: Object.keys(KEEPERS),
      from: 'latest',
      assigned: async (topic, partition) => beginnings.get(`${topic}/${partition}`),
      deliver: async (batch) => this.take(batch),
      failed: (err) => this.#surroundings.log.warn({ err }, 'the tail of the bus failed; going on'),
    });
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  /** The newest assessment heard of since the start. */
  newest(node: string): Assessment | null {
    const known = this.#newest.get(node);
    return known ? (JSON.parse(text.decode(known.bytes)) as Assessment) : null;
  }

  take(batch: Batch): void {
    for (const record of batch.records) {
      try {
        this.#hear(headerText(record, HEADERS.type), record.value);
      } catch (err) {
        // It is for the writer and the alerter to bury what cannot be read.
        if (!(err instanceof SyntaxError || err instanceof TypeError || err instanceof RangeError)) throw err;
        this.#surroundings.counters.add('console_unreadable_messages', { topic: batch.topic });
      }
    }
  }

  #hear(type: string, value: Uint8Array): void {
    if (type === 'assessment') this.#hearAssessment(value);
    else if (type === 'tick') this.#hearer.tick((parse(value) as Tick).timeMs);
    else if (type === 'finding') this.#hearer.finding(parse(value) as Finding);
  }

  #hearAssessment(value: Uint8Array): void {
    const assessment = parse(value) as Assessment;
    const { node, windowEndMs } = assessment;
    const verdict = verdictOf(assessment);
    // The board is a strip of whole windows; the node's page shows what is told early, too.
    if (isWhole(assessment)) this.#hearer.verdict(verdict, assessment);
    const known = this.#newest.get(node);
    // A copy: the record is a view into the whole of what was read.
    if (!known || known.windowEndMs <= windowEndMs) {
      this.#newest.set(node, { windowEndMs, bytes: Uint8Array.from(value) });
    }
  }
}

const parse = (value: Uint8Array): unknown => JSON.parse(text.decode(value));
