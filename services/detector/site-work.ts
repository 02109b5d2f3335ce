import { headerText } from '#libs/bus/header-text.ts';
import type { Delivered } from '#libs/bus/port.ts';
import type { DetectParameters } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import { SiteStage, type SiteStageState } from '#libs/detect/site-stage.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import type { Finding } from '#libs/model/finding.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Counters } from '#libs/runtime/counters.ts';
import { sha256 } from './hash.ts';
import { readAssessment, readReading, readTick } from './messages.ts';
import { Tally } from './tally.ts';
import { type Emit, jsonBlock, readJsonBlock, type Work } from './work.ts';

export interface SiteWorkOptions {
  readonly parameters: DetectParameters;
  readonly register: () => Register;
  readonly emit: Emit;
}

/** Stage 2 on the bus: observations and readings in, findings out. */
export class SiteWork implements Work {
  readonly #decoder = new FrameDecoder();
  readonly #stage: SiteStage;
  readonly #emit: Emit;
  readonly #taken = new Tally('detector_taken', 'type');
  readonly #findings = new Tally('detector_findings', 'kind');

  constructor({ parameters, register, emit }: SiteWorkOptions) {
    this.#emit = emit;
    this.#stage = new SiteStage({ parameters, register, hash: sha256, publish: (it) => this.#publish(it) });
  }

  take(topic: string, record: Delivered): void {
    const type = headerText(record, HEADERS.type);
    const understood =
      topic === TOPICS.readings.name ? this.#reading(type, record) : this.#observation(type, record);
    this.#taken.add(understood ? type : 'malformed');
  }

  dump(): readonly Uint8Array[] {
    return jsonBlock(this.#stage.dump());
  }

  restore(bytes: Uint8Array): void {
    this.#stage.restore(readJsonBlock(bytes).value as SiteStageState);
  }

  tell(counters: Counters): void {
    this.#taken.tell(counters, { stage: '2' });
    this.#findings.tell(counters);
  }

  #reading(type: string, record: Delivered): boolean {
    if (type === 'tick') return given(readTick(record), (tick) => this.#stage.readingsTick(tick));
    return type === 'reading' && given(readReading(record), (reading) => this.#stage.reading(reading));
  }

  #observation(type: string, record: Delivered): boolean {
    const origin = () => Number(headerText(record, 'origin'));
    if (type === 'tick') return given(readTick(record), (tick) => this.#stage.tick(tick, origin()));
    if (type === 'assessment') return given(readAssessment(record), (it) => this.#stage.assessment(it));
    return type === 'summary' && this.#summary(record.value);
  }

  #summary(value: Uint8Array): boolean {
    try {
      this.#stage.summary(this.#decoder.decode(value));
      return true;
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      return false;
    }
  }

  #publish(finding: Finding): void {
    this.#findings.add(finding.kind);
    this.#emit({
      topic: TOPICS.findings.name,
      key: finding.cause,
      value: Buffer.from(JSON.stringify(finding)),
      headers: { type: 'finding', node: finding.node },
    });
  }
}

function given<T>(value: T | null, act: (value: T) => void): boolean {
  if (value === null) return false;
  act(value);
  return true;
}
