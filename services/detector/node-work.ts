import { headerText } from '#libs/bus/header-text.ts';
import type { Delivered } from '#libs/bus/port.ts';
import type { EvidenceTables } from '#libs/detect/evidence/model.ts';
import { NodeStage, type NodeStageState } from '#libs/detect/node-stage.ts';
import type { DetectParameters } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import type { TierPolicy } from '#libs/detect/tiers/choice.ts';
import type { Seal } from '#libs/evidence/seal.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Counters } from '#libs/runtime/counters.ts';
import { ChainCheck } from './chain-check.ts';
import { sha256 } from './hash.ts';
import { readTick } from './messages.ts';
import { Tally } from './tally.ts';
import { type Emit, jsonBlock, readJsonBlock, type Work } from './work.ts';

export interface NodeWorkOptions {
  readonly parameters: DetectParameters;
  /** What windows of known workloads look like; default: the model that is shipped. */
  readonly model?: EvidenceTables;
  readonly register: () => Register;
  /** Which nodes are rich; default: all. */
  readonly tiers?: TierPolicy;
  /** Told of each frame of a node that the register does not have. */
  readonly sighted?: (node: string, site: string, receivedMs: number) => void;
  /** Partition of `frames`, which the forwarded ticks name. */
  readonly partition: number;
  /** Partitions of `observations`: each gets every tick. */
  readonly observationPartitions: number;
  readonly emit: Emit;
}

/** Stage 1 on the bus: frames and ticks in; summaries, assessments and the ticks out, onto `observations`. */
export class NodeWork implements Work {
  readonly #options: NodeWorkOptions;
  readonly #decoder = new FrameDecoder();
  readonly #stage: NodeStage;
  readonly #chain: ChainCheck;
  readonly #fates = new Tally('detector_frames', 'fate');
  readonly #emitted = new Tally('detector_observations', 'type');

  constructor(options: NodeWorkOptions) {
    const { parameters, model, register, tiers } = options;
    this.#options = options;
    this.#chain = new ChainCheck(register);
    this.#stage = new NodeStage({
      parameters,
      ...(model && { model }),
      ...(tiers && { tiers }),
      register,
      hash: sha256,
      summary: (site, node, _endMs, bytes) => this.#emit(site, 'summary', bytes, node),
      assessment: ({ site, node }, json) => this.#emit(site, 'assessment', Buffer.from(json), node),
    });
  }

  take(_topic: string, record: Delivered): void {
    const type = headerText(record, HEADERS.type);
    if (type === 'tick') this.#tick(record);
    else if (type === 'frame') this.#frame(record);
    else this.#fates.add('unknown type');
  }

  dump(): readonly Uint8Array[] {
    const { state, bytes } = this.#stage.dump();
    return [...jsonBlock(state), ...this.#chain.bytes(), ...bytes];
  }

  restore(bytes: Uint8Array): void {
    const { value, rest } = readJsonBlock(bytes);
    const state = value as NodeStageState;
    const rows = state.strings.names.length;
    const chainBytes = this.#chain.sizeOf(rows);
    this.#chain.restore(rest.subarray(0, chainBytes), rows);
    this.#stage.restore(state, rest.subarray(chainBytes));
  }

  tell(counters: Counters): void {
    this.#fates.tell(counters);
    this.#emitted.tell(counters, { stage: '1' });
  }

  #frame(record: Delivered): void {
    try {
      const rows = this.#decoder.decode(record.value);
      if (rows.faulty.length > 0) this.#fates.add('with faulty sensors');
      const { register, sighted } = this.#options;
      if (!register().nodes.has(rows.node)) sighted?.(rows.node, rows.site, record.receivedMs);
      const check = this.#chain.of(record.value, sealOf(record));
      this.#fates.add(this.#stage.frame(rows, record.receivedMs, check));
    } catch (error) {
      // The writer dead-letters it; here it is counted.
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#fates.add('malformed');
    }
  }

  #tick(record: Delivered): void {
    const tick = readTick(record);
    if (tick === null) {
      this.#fates.add('malformed');
      return;
    }
    if (!this.#stage.tick(tick)) return;
    const { partition, observationPartitions, emit } = this.#options;
    for (let to = 0; to < observationPartitions; to++) {
      emit({
        topic: TOPICS.observations.name,
        key: 'tick',
        partition: to,
        value: Buffer.from(JSON.stringify(tick)),
        headers: { type: 'tick', origin: String(partition) },
      });
    }
  }

  #emit(site: string, type: 'summary' | 'assessment', value: Uint8Array, node: string): void {
    this.#emitted.add(type);
    this.#options.emit({ topic: TOPICS.observations.name, key: site, value, headers: { type, node } });
  }
}

function sealOf(record: Delivered): Seal | null {
  if (record.headers[HEADERS.seal] === undefined) return null;
  return { signature: headerText(record, HEADERS.seal), key: headerText(record, HEADERS.key) };
}
