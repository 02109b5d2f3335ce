import { headerText } from '#libs/bus/header-text.ts';
import type { Delivered } from '#libs/bus/port.ts';
import type { Register } from '#libs/detect/register.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { readTick } from '#services/detector/messages.ts';
import { type AlertRate, alertRate } from './alert-rate.ts';
import { FindingBook, type Pairing, pair } from './finding-book.ts';
import { Lane } from './lane.ts';
import type { Source, Stretch } from './source.ts';
import type { DetectorVersion } from './version.ts';
import { type NodeTally, type Turn, WindowTally } from './window-tally.ts';

/** What a backtest found. */
export interface Outcome {
  readonly source: Pick<Source, 'kind' | 'words' | 'unseen'> & {
    /** Frames and readings. */
    readonly messages: number;
    readonly ticks: number;
    /** Left out of the alert rates, because their labels say what nobody declares. */
    readonly labelled: number;
  };
  readonly versions: Readonly<Record<'a' | 'b', VersionOutcome>>;
  readonly findings: Pairing;
  readonly windows: { readonly nodes: readonly NodeTally[]; readonly turns: readonly Turn[] };
}

export interface VersionOutcome extends Pick<DetectorVersion, 'name' | 'origin' | 'changed'> {
  readonly findings: number;
  readonly rate: AlertRate;
}

type Versions = readonly [DetectorVersion, DetectorVersion];
interface OfNode {
  readonly node: string;
}

/**
 * Puts stored telemetry through two versions at once, record by record, and compares what they say. Deterministic: the
 * same records give the same outcome. Holds both detectors' states, a few windows of each node, and the findings.
 * @param node only this node is reported; all are put through, because peers decide too
 * @param step told of progress
 */
export async function compareVersions(
  source: Source,
  versions: Versions,
  node: string | undefined,
  step: (by: number) => void,
): Promise<Outcome> {
  const comparison = new Comparison(versions, node);
  for await (const stretch of source.stretches(step)) await comparison.take(stretch);
  return comparison.outcome(source);
}

class Comparison {
  readonly #versions: Versions;
  readonly #isAsked: (it: OfNode) => boolean;
  readonly #windows = new WindowTally();
  readonly #books = [new FindingBook(), new FindingBook()] as const;
  readonly #counts = { messages: 0, ticks: 0 };

  constructor(versions: Versions, node: string | undefined) {
    this.#versions = versions;
    this.#isAsked = (it) => node === undefined || it.node === node;
  }

  async take({ register, batches }: Stretch): Promise<void> {
    const known = new RegisterInTime(register);
    const lanes = [this.#lane(0, known), this.#lane(1, known)];
    for await (const batch of batches) {
      for (const record of batch.records) {
        const isTick = headerText(record, HEADERS.type) === 'tick';
        this.#counts[isTick ? 'ticks' : 'messages']++;
        if (isTick) known.tick(record);
        for (const lane of lanes) lane.take(batch, record);
        if (isTick) this.#windows.settle();
      }
    }
  }

  outcome({ kind, words, unseen, labelled }: Source): Outcome {
    const windows = this.#windows.end();
    const counted = (it: OfNode) => !labelled.has(it.node);
    const minutes = windows.nodes.filter(counted).reduce((sum, { watched }) => sum + watched, 0);
    const outcomeOf = (at: 0 | 1): VersionOutcome => {
      const { name, origin, changed } = this.#versions[at];
      const found = this.#books[at].all();
      return {
        name,
        origin,
        changed,
        findings: found.length,
        rate: alertRate(found.filter(counted), minutes),
      };
    };
    return {
      source: { kind, words, unseen, ...this.#counts, labelled: labelled.size },
      versions: { a: outcomeOf(0), b: outcomeOf(1) },
      findings: pair(this.#books[0].all(), this.#books[1].all()),
      windows,
    };
  }

  #lane(at: 0 | 1, known: RegisterInTime): Lane {
    const side = at === 0 ? 'a' : 'b';
    return new Lane(this.#versions[at], () => known.register, {
      verdict: (it) => this.#isAsked(it) && this.#windows.verdict(side, it),
      finding: (it) => this.#isAsked(it) && this.#books[at].take(it),
    });
  }
}

/** The register as it was at each time of the stream, as far as nodes were taken out of service later. */
class RegisterInTime {
  readonly register: Register;
  readonly #decommissioned = new Map<string, number>();
  readonly #due: (readonly [node: string, atMs: number])[];

  constructor(register: Register) {
    this.register = { ...register, decommissioned: this.#decommissioned };
    this.#due = [...register.decommissioned].sort(([, a], [, b]) => b - a);
  }

  tick(record: Delivered): void {
    const timeMs = readTick(record)?.timeMs ?? Number.NEGATIVE_INFINITY;
    for (let next = this.#due.at(-1); next !== undefined && next[1] <= timeMs; next = this.#due.at(-1)) {
      this.#decommissioned.set(...next);
      this.#due.pop();
    }
  }
}
