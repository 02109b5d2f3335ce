import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Bus, Outgoing } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys, type NodeKeys } from '#libs/evidence/keys.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { NodeRecord } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { createDetector, type DetectorSettings } from '#services/detector/app.ts';
import { bootName, frame, START_MS } from '#test/unit/detect/world.ts';

const READ_TOPICS = [TOPICS.frames.name, TOPICS.observations.name, TOPICS.readings.name];

const SETTINGS: DetectorSettings = {
  stages: ['1', '2'],
  checkpointMs: 1,
  ticker: 'off',
  tickMs: 10_000,
  registerMs: 60_000,
  clockAheadMs: 60_000,
  falseAlarmBudget: 1,
  detectorTier: 'rich',
  richEntities: 8_000,
  tierKey: '',
};

/** An agent's chain, sealed as the real one's. */
export class TestAgent {
  readonly node: string;
  readonly #chain: Chain;
  constructor(node: string, keys: NodeKeys = generateKeys(), boot = bootName('a')) {
    this.node = node;
    this.#chain = new Chain(boot, keys);
  }

  /** The message of the frame that ends `index` × 10 s after the start. */
  message(index: number, entities: readonly EntityRow[]): Outgoing {
    const { nextSequence: sequence, previous, boot } = this.#chain;
    const endMs = START_MS + index * 10_000;
    const value = encodeFrame(frame({ node: this.node, boot, sequence, previous, endMs, entities }));
    const seal = this.#chain.append(value);
    const headers = { type: 'frame', node: this.node, boot, seq: String(sequence) };
    const sealed = seal ? { ...headers, seal: seal.signature, key: seal.key } : headers;
    return { topic: TOPICS.frames.name, key: this.node, value, headers: sealed };
  }
}

/** The ticks of one ten-second mark, one for each partition of a topic. */
export function tickMessages(topic: string, index: number, partitions: number): Outgoing[] {
  const timeMs = START_MS + index * 10_000;
  const value = Buffer.from(JSON.stringify({ index: timeMs / 10_000, timeMs }));
  return Array.from({ length: partitions }, (_, partition) => ({
    topic,
    key: 'tick',
    partition,
    value,
    headers: { type: 'tick' },
  }));
}

/** How a run is disturbed: batches cut at random, and the connection cut after so many publications. */
export interface Disturbance {
  readonly random?: () => number;
  readonly publications?: number;
}

/** A bus as one process sees it: it can be cut off, as by a kill, and knows what was delivered. */
class Connection {
  readonly bus: Bus;
  readonly #real: Bus;
  readonly #delivered = new Map<string, number>();
  #left: number;
  cut = false;

  constructor(real: Bus, { random, publications = Number.POSITIVE_INFINITY }: Disturbance) {
    this.#real = real;
    this.#left = publications;
    this.bus = {
      ...forward(real),
      publish: async (messages) => {
        this.#use();
        await real.publish(messages);
      },
      subscribe: (subscription) =>
        real.subscribe({
          ...subscription,
          assigned: async (topic, partition) => {
            const from = await subscription.assigned?.(topic, partition);
            const known = (await real.offsets(topic, subscription.group)).find(
              (one) => one.partition === partition,
            );
            this.#delivered.set(`${topic}/${partition}`, from ?? known?.committed ?? 0);
            return from;
          },
          deliver: async (batch, control) => {
            const guarded = {
              ...control,
              stale: false,
              heartbeat: () => control.heartbeat(),
              commit: async (next: number) => {
                if (!this.cut) await control.commit(next);
              },
            };
            for (const piece of pieces(batch, random)) {
              if (this.cut) throw new BusUnavailableError('cut off');
              await subscription.deliver(piece, guarded);
            }
            this.#delivered.set(
              `${batch.topic}/${batch.partition}`,
              (batch.records.at(-1)?.offset ?? -1) + 1,
            );
          },
        }),
    };
  }

  /** Resolves when all that the topics hold was delivered, or the connection is cut. */
  async drained(topics: readonly string[]): Promise<void> {
    while (!(this.cut || (await this.#isDrained(topics)))) await sleep(5);
  }

  async #isDrained(topics: readonly string[]): Promise<boolean> {
    for (const topic of topics) {
      for (const { partition, next } of await this.#real.offsets(topic)) {
        if ((this.#delivered.get(`${topic}/${partition}`) ?? 0) < next) return false;
      }
    }
    return true;
  }

  #use(): void {
    if (--this.#left < 0) this.cut = true;
    if (this.cut) throw new BusUnavailableError('cut off');
  }
}

function forward(bus: Bus): Omit<Bus, 'publish' | 'subscribe'> {
  return {
    ensure: (topics) => bus.ensure(topics),
    replay: (topic, options, deliver) => bus.replay(topic, options, deliver),
    offsets: (topic, group) => bus.offsets(topic, group),
    close: () => Promise.resolve(),
  };
}

function pieces(batch: Batch, random: (() => number) | undefined): Batch[] {
  if (!random) return [batch];
  const cuts: Batch[] = [];
  for (let from = 0; from < batch.records.length; ) {
    const to = from + 1 + Math.floor(random() * 200);
    cuts.push({ ...batch, records: batch.records.slice(from, to) });
    from = to;
  }
  return cuts;
}

/** A bus and a ledger of their own, in a folder that goes with them. */
export class DetectorWorld implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'davylamp-detector-'));
  readonly bus: Bus;
  readonly ledger;
  readonly counters = createCounters();
  readonly partitions: number;

  private constructor(partitions: number) {
    this.partitions = partitions;
    this.bus = createSqliteBus({ path: join(this.#folder, 'bus.db'), partitions, pollMs: 20 });
    this.ledger = openLedger({ dataDir: this.#folder, ledger: 'embedded' });
  }

  static async open(
    partitions: number,
    nodes: readonly NodeRecord[] = [],
    declarations: readonly Declaration[] = [],
  ): Promise<DetectorWorld> {
    const world = new DetectorWorld(partitions);
    await world.ledger.migrate();
    for (const node of nodes) await world.ledger.nodes.enrol(node);
    for (const one of declarations) await world.ledger.declarations.append(one);
    await world.bus.ensure(Object.values(TOPICS));
    return world;
  }

  /** Runs a detector until it has read everything, or was cut off. @returns whether it was cut off */
  async run(
    disturbance: Disturbance = {},
    settings: Partial<DetectorSettings> = {},
    topics: readonly string[] = READ_TOPICS,
  ): Promise<boolean> {
    const connection = new Connection(this.bus, disturbance);
    const surroundings = { counters: this.counters, log: createLogger('detector', 'silent') };
    const ports = { bus: connection.bus, ledger: this.ledger };
    const detector = createDetector(ports, { ...SETTINGS, ...settings }, surroundings);
    await detector.start();
    await connection.drained(topics);
    await detector.stop();
    return connection.cut;
  }

  /** Messages of a topic as `type node value`, in the order of each partition. */
  async messages(topic: string, ...types: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    await this.bus.replay(topic, {}, (batch) => {
      for (const { headers, value } of batch.records) {
        const type = Buffer.from(headers.type ?? []).toString();
        if (types.includes(type)) found.push(`${type} ${Buffer.from(value).toString('latin1')}`);
      }
      return Promise.resolve();
    });
    return found;
  }

  /** JSON messages of a topic and type. */
  async objects<T>(topic: string, type: string): Promise<T[]> {
    const texts = await this.messages(topic, type);
    return texts.map(
      (text) => JSON.parse(Buffer.from(text.slice(type.length + 1), 'latin1').toString()) as T,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
    await this.ledger.close();
    rmSync(this.#folder, { recursive: true });
  }
}

export function nodeRecord(node: string, part: Partial<NodeRecord> = {}): NodeRecord {
  return {
    node,
    site: 's1',
    tenant: 't1',
    hardware: null,
    publicKey: null,
    enrolled: false,
    credentialHash: null,
    firstSeenMs: 0,
    decommissionedMs: null,
    ...part,
  };
}
