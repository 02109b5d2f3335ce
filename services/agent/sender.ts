import { setTimeout as sleep } from 'node:timers/promises';
import type { Surroundings } from '#libs/runtime/app.ts';
import { MessageTooLargeError } from '#libs/runtime/errors.ts';
import type { OutgoingFrame, Outlet } from './outlet.ts';
import type { Spool, SpoolBatch } from './spool.ts';

const BATCH_FRAMES = 500;
const BATCH_BYTES = 524_288;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

export interface SenderSettings {
  readonly node: string;
  /** Bound on the frames sent a second while catching up, so that a fleet that comes back does not flood the bus. */
  readonly replayFramesPerSecond: number;
  /** How long a stop tries to send what still waits; the rest stays on disk. */
  readonly stopMs: number;
}

/**
 * Moves frames from the spool to the outlet, in order, one batch at a time. Nothing is given up: a batch that fails
 * is tried again after at most 5 s, whatever the reason, except a single frame that is too large for ever.
 */
export class Sender {
  readonly #spool: Spool;
  readonly #outlet: Outlet;
  readonly #settings: SenderSettings;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #batchFrames = BATCH_FRAMES;

  constructor(spool: Spool, outlet: Outlet, settings: SenderSettings, surroundings: Surroundings) {
    this.#spool = spool;
    this.#outlet = outlet;
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something was appended. */
  notify(): void {
    this.#wake();
  }

  /** Sends what waits for as long as `stopMs` and one attempt; the rest stays in the spool. */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => this.#stopping.abort(), this.#settings.stopMs);
    while (this.#spool.waiting > 0 && this.#failures === 0 && !this.#stopping.signal.aborted) {
      this.notify();
      await sleep(10);
    }
    clearTimeout(deadline);
    this.#stopping.abort();
    this.notify();
    await Promise.race([this.#running, sleep(this.#settings.stopMs)]);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        // The disk, say: frames must go on being gathered.
        await this.#fail(error);
      }
    }
  }

  async #step(): Promise<void> {
    const batch = this.#spool.peek(this.#batchFrames, BATCH_BYTES);
    if (batch === null) await this.#appended();
    else await this.#deliver(batch);
  }

  #appended(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #deliver(batch: SpoolBatch): Promise<void> {
    try {
      if (batch.messages.length > 0)
        await this.#outlet.send(batch.messages.map((each) => this.#outgoing(each)));
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      this.#shrink(batch, error);
      return;
    }
    this.#spool.acknowledge(batch);
    this.#surroundings.counters.add('agent_frames_sent', {}, batch.messages.length);
    this.#recovered();
    if (this.#spool.waiting > 0) {
      await this.#wait((batch.messages.length / this.#settings.replayFramesPerSecond) * 1000);
    }
  }

  #outgoing(message: SpoolBatch['messages'][number]): OutgoingFrame {
    return { node: message.headers.node ?? this.#settings.node, ...message };
  }

  async #fail(error: unknown): Promise<void> {
    const { counters, log } = this.#surroundings;
    counters.add('agent_send_failures', {});
    // Once an outage, not once an attempt.
    if (this.#failures === 0)
      log.warn({ err: error, waiting: this.#spool.waiting }, 'frames wait: they were not taken');
    this.#failures += 1;
    await this.#wait(backoffMs(this.#failures));
  }

  #shrink(batch: SpoolBatch, error: MessageTooLargeError): void {
    if (batch.messages.length > 1) {
      this.#batchFrames = Math.ceil(batch.messages.length / 2);
      return;
    }
    this.#surroundings.log.error({ err: error }, 'a frame is too large to be sent: dropped');
    this.#spool.acknowledge(batch);
    this.#spool.discarded(1);
  }

  #recovered(): void {
    if (this.#failures > 0)
      this.#surroundings.log.info({ failures: this.#failures }, 'frames are taken again');
    this.#failures = 0;
    this.#batchFrames = BATCH_FRAMES;
  }

  async #wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#stopping.signal });
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    }
  }
}

/** Doubles with every failure, with ±20 % jitter, up to 5 s. */
function backoffMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1) * (0.8 + 0.4 * Math.random()));
}
