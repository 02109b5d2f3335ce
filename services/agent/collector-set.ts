import type { Surroundings } from '#libs/runtime/app.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import type { Collector, CollectorSpec, Roots } from './collect/collector.ts';
import type { Gathering } from './gathering.ts';

/** A source that is absent or broken is looked for again after this time: drivers are loaded late. */
const RETRY_SECONDS = 60;

interface Slot {
  readonly spec: CollectorSpec;
  collector: Collector | null;
  retryAtSeconds: number;
}

/**
 * Runs the collectors. One that fails is counted, closed and absent until it is tried again; the others go on.
 */
export class CollectorSet {
  readonly #slots: readonly Slot[];
  readonly #roots: Roots;
  readonly #surroundings: Surroundings;

  constructor(specs: readonly CollectorSpec[], roots: Roots, surroundings: Surroundings) {
    this.#slots = specs.map((spec) => ({ spec, collector: null, retryAtSeconds: Number.NEGATIVE_INFINITY }));
    this.#roots = roots;
    this.#surroundings = surroundings;
  }

  /** Takes a sample of every source that is read at every sample. */
  sample(gathering: Gathering, atSeconds: number): void {
    for (const slot of this.#slots) {
      if (slot.spec.pace === 'sample') {
        this.#guard(slot, atSeconds, (collector) => collector.sample(gathering, atSeconds));
      }
    }
  }

  /** Before a frame is closed: reads what is read once a frame, and asks for accounts of the whole interval. */
  finish(gathering: Gathering, atSeconds: number): void {
    for (const slot of this.#slots) {
      this.#guard(slot, atSeconds, (collector) => {
        if (slot.spec.pace === 'frame') collector.sample(gathering, atSeconds);
        collector.report?.(gathering, atSeconds);
      });
    }
  }

  close(): void {
    for (const slot of this.#slots) {
      slot.collector?.close();
      slot.collector = null;
    }
  }

  #guard(slot: Slot, atSeconds: number, use: (collector: Collector) => void): void {
    if (slot.collector === null && atSeconds < slot.retryAtSeconds) return;
    try {
      slot.collector ??= this.#open(slot.spec);
      use(slot.collector);
    } catch (error) {
      this.#fail(slot, atSeconds, error);
    }
  }

  #open(spec: CollectorSpec): Collector {
    const collector = spec.open(this.#roots);
    this.#surroundings.counters.set('agent_source_present', { source: spec.name }, 1);
    return collector;
  }

  #fail(slot: Slot, atSeconds: number, error: unknown): void {
    const source = slot.spec.name;
    const { counters, log } = this.#surroundings;
    counters.set('agent_source_present', { source }, 0);
    if (slot.collector !== null || !isAbsence(error)) {
      counters.add('agent_source_failures', { source });
      log.warn({ err: error, source }, 'a source failed: its values are absent');
    }
    slot.collector?.close();
    slot.collector = null;
    slot.retryAtSeconds = atSeconds + RETRY_SECONDS;
  }
}

/** The machine has no such source, or does not show it to us. */
function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    error instanceof SourceAbsentError || ['ENOENT', 'EACCES', 'EPERM', 'ENODEV', 'EOPNOTSUPP'].includes(code)
  );
}
