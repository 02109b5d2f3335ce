import type { Outgoing } from '#libs/bus/port.ts';
import type { NodeKeys } from '#libs/evidence/keys.ts';
import { digestOf, sealDigest } from '#libs/evidence/seal.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { DEFAULT_INTERVAL_MS, FRAMES_PER_SEAL, type Frame } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { SIMULATED_SITE } from '#libs/model/simulated.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { DIGEST_BYTES } from '#libs/model/wire.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hpc } from '#libs/traces/simulate/workloads/hpc.ts';
import { parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { seedOf, simulatedKeys } from './agent.ts';

/** Frames that a template repeats: their values come round every minute, and their counters with them. */
const RING = 6;
/** Machines that are really simulated for each workload; all others look like one of them. */
const MACHINES = 6;
const WORKLOADS: readonly Workload[] = [
  trainingDataParallel,
  inferenceOnRequest(),
  hpc,
  parkedModel,
  matmulPow,
];
const SITES = 16;
/** Digits of a node's number in its name and its GPUs' names: all names are of one length. */
const DIGITS = 8;
const BLANK = '0'.repeat(DIGITS);

export interface LoadOptions {
  readonly nodes: number;
  /** GPUs a node: 0, 4 or 8. */
  readonly gpus: LoadGpus;
  readonly seed: number;
  /** Event time at which the first interval begins. */
  readonly beganMs: number;
}

export const LOAD_GPUS = [0, 4, 8] as const;
export type LoadGpus = (typeof LOAD_GPUS)[number];
const MODELS: Readonly<Record<LoadGpus, Hardware>> = {
  0: HARDWARE.server,
  4: HARDWARE.l40sx4,
  8: HARDWARE.h100x8,
};

/** What follows a frame's header, and where the node's number stands in it. */
interface Tail {
  readonly samples: number;
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
}

/**
 * Any number of simulated nodes in 36 bytes each: the frames of a few simulated machines, each under every node's own
 * name, sequence number, time and chain, sealed with one key for all. All that the wire carries is valid.
 */
export class LoadFleet {
  readonly #options: LoadOptions;
  readonly #keys: NodeKeys;
  readonly #tails: readonly (readonly Tail[])[];
  readonly #sequences: Uint32Array;
  readonly #digests: Uint8Array;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#keys = simulatedKeys('load', options.seed);
    this.#tails = templates(options);
    this.#sequences = new Uint32Array(options.nodes);
    this.#digests = new Uint8Array(options.nodes * DIGEST_BYTES);
  }

  /** The next frame of a node, to be sent before its next is made. @param index 0 to nodes − 1 */
  next(index: number): Outgoing {
    const sequence = (this.#sequences[index] ?? 0) + 1;
    this.#sequences[index] = sequence;
    const ring = this.#tails[index % this.#tails.length] ?? [];
    const tail = ring[sequence % RING];
    if (tail === undefined) throw new RangeError(`node ${index}: expected below ${this.#options.nodes}`);
    const digits = String(index).padStart(DIGITS, '0');
    const node = `load-${digits}`;
    const boot = this.#bootOf(digits);
    const digest = this.#digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    const endMs = this.#options.beganMs + sequence * DEFAULT_INTERVAL_MS;
    const header = encodeFrame({
      ...EMPTY,
      node,
      site: siteOf(index),
      boot,
      sequence,
      endMs,
      samples: tail.samples,
      previous: digest,
    });
    const value = joined(header, tail, digits);
    digest.set(digestOf(value));
    return {
      topic: TOPICS.frames.name,
      key: node,
      value,
      headers: this.#headers(node, boot, sequence, digest),
    };
  }

  #bootOf(digits: string): string {
    return `${this.#options.seed.toString(16).padStart(8, '0')}${digits.padStart(24, '0')}`;
  }

  #headers(node: string, boot: string, sequence: number, digest: Uint8Array): Record<string, string> {
    const headers = {
      [HEADERS.type]: 'frame',
      [HEADERS.node]: node,
      [HEADERS.boot]: boot,
      [HEADERS.sequence]: String(sequence),
    };
    if (sequence % FRAMES_PER_SEAL !== 0) return headers;
    const { privateKey, publicKey } = this.#keys;
    return { ...headers, [HEADERS.seal]: sealDigest(digest, privateKey), [HEADERS.key]: publicKey };
  }
}

const EMPTY: Frame = {
  node: `load-${BLANK}`,
  site: siteOf(0),
  boot: '0'.repeat(32),
  sequence: 1,
  endMs: 1,
  intervalMs: DEFAULT_INTERVAL_MS,
  samples: 0,
  previous: new Uint8Array(DIGEST_BYTES),
  entities: [],
  flows: [],
  groups: [],
  covers: [],
};

function siteOf(index: number): string {
  return `${SIMULATED_SITE}load-${String(index % SITES).padStart(2, '0')}`;
}

/** Fields of a message follow one another, so a header without entities and entities without a header make a frame. */
function joined(header: Uint8Array, { bytes, places }: Tail, digits: string): Uint8Array {
  const value = Buffer.allocUnsafe(header.length + bytes.length);
  value.set(header);
  value.set(bytes, header.length);
  for (const place of places) value.write(digits, header.length + place, 'latin1');
  return value;
}

function templates({ gpus, seed, beganMs }: LoadOptions): readonly (readonly Tail[])[] {
  const hardware = MODELS[gpus];
  return Array.from({ length: MACHINES }, (_, number) => number).flatMap((number) =>
    WORKLOADS.map((workload) => {
      const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
      const own = seedOf(`${workload.name}/${number}`, seed);
      const machine = new Machine({ name: BLANK, hardware, shifts, flows: false, seed: own });
      return Array.from({ length: RING }, (__, frame) =>
        tailOf(machine, beganMs + (frame + 1) * DEFAULT_INTERVAL_MS),
      );
    }),
  );
}

function tailOf(machine: Machine, endMs: number): Tail {
  const measured = machine.interval(endMs, DEFAULT_INTERVAL_MS);
  const frame = { ...EMPTY, samples: measured.samples };
  const whole = Buffer.from(encodeFrame({ ...frame, entities: measured.entities }));
  const bytes = whole.subarray(encodeFrame(frame).length);
  return { samples: measured.samples, bytes, places: placesOf(bytes, `GPU-${BLANK}-`) };
}

/** Where the number stands in the names of GPUs. */
function placesOf(bytes: Buffer, name: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
    places.push(at + 'GPU-'.length);
  return places;
}
