import { createHash } from 'node:crypto';
import { NodeStage, type NodeStageOptions } from '#libs/detect/node-stage.ts';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { buildRegister, type Register } from '#libs/detect/register.ts';
import { ALL_RICH, type TierPolicy } from '#libs/detect/tiers/choice.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { decodeFrame, FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, type Frame } from '#libs/model/frame.ts';

/** 2026-01-01T00:00:00Z: event time of the synthetic worlds begins here. */
export const START_MS = Date.UTC(2026, 0, 1);

/** SHA-256, as the service injects it. */
export const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

/** Mulberry32: a seeded stream of uniform numbers, 0 ≤ x < 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers from uniform ones (Box–Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const bootName = (letter: string) => letter.repeat(32);

/** A row with some gauges set: `{ cpu_utilization_ratio: 0.4 }`. */
export function row(
  kind: 'host' | 'gpu',
  index: number,
  gauges: Readonly<Record<string, number>>,
): EntityRow {
  const made = emptyRow(kind, index, kind === 'gpu' ? `GPU-${index}` : '');
  for (const [name, value] of Object.entries(gauges)) made.gauges[gaugeOrdinal(kind, name)] = value;
  return made;
}

/** A frame of ten seconds; `sequence` n ends n × 10 s after the start unless said otherwise. */
export function frame(part: Partial<Frame> & { readonly sequence: number }): Frame {
  return {
    node: 'n1',
    site: 's1',
    boot: bootName('a'),
    endMs: START_MS + part.sequence * 10_000,
    intervalMs: 10_000,
    samples: 10,
    previous: new Uint8Array(32),
    entities: [row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: 500 })],
    flows: [],
    groups: [],
    covers: [],
    ...part,
  };
}

export function declaration(nodes: readonly string[], envelope: readonly Bound[]): Declaration {
  return {
    id: 'd1',
    version: 1,
    tenant: 't1',
    nodes,
    behaviours: ['B2'],
    envelope,
    validFromMs: 0,
    validToMs: null,
    approver: 'A. Person',
    recordedMs: 0,
  };
}

/** Nodes of tenant t1 on the same hardware, under these declarations. */
export function register(nodes: readonly string[], declarations: readonly Declaration[] = []): Register {
  const registered = nodes.map((node) => ({
    node,
    tenant: 't1',
    hardware: '8x H100',
    publicKey: null,
    enrolled: false,
  }));
  return buildRegister(registered, declarations);
}

/** Stage 1 alone, with what it said in order. */
export class StageWorld {
  readonly assessments: Assessment[] = [];
  readonly summaries: Frame[] = [];
  stage: NodeStage;
  readonly #options: NodeStageOptions;
  readonly #decoder = new FrameDecoder();
  /** Receive time of the next frame is its end, unless this says otherwise. */
  receivedMs: number | null = null;

  constructor(register: Register, parameters: DetectParameters = PARAMETERS, tiers: TierPolicy = ALL_RICH) {
    this.#options = {
      parameters,
      hash: sha256,
      tiers,
      register: () => register,
      summary: (_site, _node, _endMs, bytes) => this.summaries.push(decodeFrame(bytes).frame),
      assessment: (assessment) => this.assessments.push(assessment),
    };
    this.stage = new NodeStage(this.#options);
  }

  /** Goes on from a copy of its state, as after a checkpoint. */
  restart(): void {
    const { state, bytes } = this.stage.dump();
    const copy = structuredClone(state);
    this.stage = new NodeStage(this.#options);
    this.stage.restore(copy, Buffer.concat(bytes));
  }

  frame(one: Frame, trust = 0) {
    const rows = this.#decoder.decode(encodeFrame(one));
    return this.stage.frame(rows, this.receivedMs ?? one.endMs, () => trust);
  }

  /** Ticks of the ten-second marks from one time to another, both included. */
  ticks(fromMs: number, toMs: number): void {
    for (let timeMs = fromMs; timeMs <= toMs; timeMs += 10_000) {
      this.stage.tick({ index: timeMs / 10_000, timeMs });
    }
  }
}
