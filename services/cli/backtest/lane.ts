import type { Batch, Delivered, Outgoing } from '#libs/bus/port.ts';
import type { Register } from '#libs/detect/register.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { NodeWork } from '#services/detector/node-work.ts';
import { SiteWork } from '#services/detector/site-work.ts';
import type { DetectorVersion } from './version.ts';

/** Told of what one version says. */
export interface Hearer {
  verdict(assessment: Assessment): void;
  finding(finding: Finding): void;
}

/**
 * Both stages of one version of the detector, tied together without a bus: one stage 1 for each partition of frames,
 * one stage 2 for all sites. The stages keep sites apart themselves.
 */
export class Lane {
  readonly #version: Pick<DetectorVersion, 'parameters' | 'model'>;
  readonly #register: () => Register;
  readonly #hearer: Hearer;
  readonly #nodes = new Map<number, NodeWork>();
  readonly #site: SiteWork;

  constructor(
    version: Pick<DetectorVersion, 'parameters' | 'model'>,
    register: () => Register,
    hearer: Hearer,
  ) {
    this.#version = version;
    this.#register = register;
    this.#hearer = hearer;
    const { parameters } = version;
    this.#site = new SiteWork({
      parameters,
      register,
      emit: ({ value }) => hearer.finding(parse(value) as Finding),
    });
  }

  /** Takes one record of `frames` or `readings` in; what follows from it has been heard on return. */
  take({ topic, partition }: Pick<Batch, 'topic' | 'partition'>, record: Delivered): void {
    if (topic === TOPICS.frames.name) this.#nodeWork(partition).take(topic, record);
    else this.#site.take(topic, record);
  }

  #nodeWork(partition: number): NodeWork {
    const known = this.#nodes.get(partition);
    if (known) return known;
    const work = new NodeWork({
      ...this.#version,
      register: this.#register,
      partition,
      observationPartitions: 1,
      emit: (message) => this.#observed(message),
    });
    this.#nodes.set(partition, work);
    return work;
  }

  #observed(message: Outgoing): void {
    if (message.headers?.[HEADERS.type] === 'assessment')
      this.#hearer.verdict(parse(message.value) as Assessment);
    this.#site.take(message.topic, delivered(message));
  }
}

function parse(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString());
}

function delivered({ key, value, headers = {} }: Outgoing): Delivered {
  const raw = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'latin1')] as const);
  return { key, value, headers: Object.fromEntries(raw), offset: 0, receivedMs: 0 };
}
