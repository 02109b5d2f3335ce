import { randomUUID } from 'node:crypto';
import { headerText } from '#libs/bus/header-text.ts';
import type { Batch, Bus, Consumption } from '#libs/bus/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';

const text = new TextDecoder();

/**
 * The newest assessment of every node, kept from the tail of the bus.
 * It joins a group of its own and commits nothing: a console that restarts knows a node again within a window.
 */
export class AssessmentTail {
  readonly newest = new Map<string, Assessment>();
  readonly #bus: Bus;
  #consumption: Consumption | null = null;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async start(): Promise<void> {
    this.#consumption = await this.#bus.subscribe({
      group: `console-${randomUUID()}`,
      topics: [TOPICS.observations.name],
      from: 'latest',
      deliver: async (batch) => this.take(batch),
    });
  }

  take(batch: Batch): void {
    for (const record of batch.records) {
      if (headerText(record, HEADERS.type) !== 'assessment') continue;
      const assessment = JSON.parse(text.decode(record.value)) as Assessment;
      const known = this.newest.get(assessment.node);
      if (known === undefined || known.windowEndMs <= assessment.windowEndMs) {
        this.newest.set(assessment.node, assessment);
      }
    }
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }
}
