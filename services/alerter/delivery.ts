import type { Attempt, Job, Jobs } from '#libs/jobs/port.ts';
import type { Delivery, Notice, Outbox } from '#libs/ledger/alert-port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import type { Channel } from './channel.ts';

/** After these a job counts as failed, for people to see; the next sweep begins it anew. */
const ATTEMPTS = 30;
/** Deliveries of a channel a sweep; what is left follows when these have arrived. */
const SWEPT = 5_000;
/** Of so many sweeps one looks whatever the counts say. */
const THOROUGH = 12;

type Task = Pick<Delivery, 'notice' | 'channel'>;

/** A queue for each channel: the jobs of one that is away take no place of another's. */
export const queueOf = (channel: string): string => `notices.${channel}`;

/**
 * Hands each notice to each of its channels, and tells the ledger of the outcome: a job for every pair, in the order
 * of the alert's events. What is not at its turn yet ends quietly, and is brought back when its turn comes.
 */
export class Deliveries {
  readonly #outbox: Outbox;
  readonly #jobs: Jobs;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #backoffMs: number;
  readonly #surroundings: Surroundings;
  /** Channels whose newest attempt failed. */
  readonly #failing = new Set<string>();
  readonly #inHand = new Set<string>();
  #sweeps = 0;

  constructor(
    outbox: Outbox,
    jobs: Jobs,
    channels: readonly Channel[],
    backoffMs: number,
    surroundings: Surroundings,
  ) {
    this.#outbox = outbox;
    this.#jobs = jobs;
    this.#channels = new Map(channels.map((channel) => [channel.name, channel]));
    this.#backoffMs = backoffMs;
    this.#surroundings = surroundings;
  }

  /** Makes the jobs of these notices. */
  async schedule(notices: readonly string[]): Promise<void> {
    for (const notice of notices) {
      const waiting = await this.#outbox.deliveries({ notice, waiting: true });
      for (const delivery of waiting) await this.#jobs.schedule(this.#jobOf(delivery));
    }
  }

  /** Puts back the jobs that the store has lost, and begins anew those that it gave up; each channel by itself. */
  async sweep(): Promise<void> {
    const waiting = await this.#outbox.waiting();
    const pending = [...waiting.values()].reduce((sum, deliveries) => sum + deliveries, 0);
    this.#surroundings.counters.set('alerter_pending_notices', {}, pending);
    if (pending === 0) return;
    const isThorough = this.#sweeps++ % THOROUGH === 0;
    for (const channel of this.#channels.keys())
      if (waiting.has(channel)) await this.#sweepChannel(channel, isThorough);
  }

  async #sweepChannel(channel: string, isThorough: boolean): Promise<void> {
    const first = await this.#outbox.deliveries({ channel, first: true, limit: SWEPT });
    const known = await this.#jobs.counts(queueOf(channel));
    if (!isThorough && known.waiting + known.active >= first.length) return;
    for (const delivery of first) await this.#jobs.schedule(this.#jobOf(delivery));
  }

  /** @throws DeliveryError when the receiver did not acknowledge. */
  async run({ id, payload }: Attempt): Promise<void> {
    // Jobs of earlier versions carry nothing: the sweep has made others in their place. And a job store that has lost
    // its memory gives out again what is still in hand.
    if (payload === null || this.#inHand.has(id)) return;
    this.#inHand.add(id);
    try {
      await this.#attempt(payload as Task);
    } finally {
      this.#inHand.delete(id);
    }
  }

  async #attempt(task: Task): Promise<void> {
    const [delivery] = await this.#outbox.deliveries({ ...task, waiting: true });
    const channel = this.#channels.get(task.channel);
    if (!delivery || !channel) return;
    const next = await this.#outbox.next(delivery.alert, task.channel);
    if (next?.id !== task.notice) return;
    await this.#deliver(next, channel);
    await this.#bringOn(next.alert, task.channel);
  }

  async #deliver(notice: Notice, channel: Channel): Promise<void> {
    try {
      await channel.deliver(notice);
    } catch (error) {
      this.#failing.add(channel.name);
      this.#count(channel, 'failed');
      const reason = error instanceof Error ? error.message : String(error);
      await this.#outbox.attempted(notice.id, channel.name, Date.now(), reason);
      throw error;
    }
    await this.#acknowledged(notice, channel);
  }

  /** Between the reply and this record lies the one place where a receiver may be told twice. */
  async #acknowledged(notice: Notice, channel: Channel): Promise<void> {
    try {
      await this.#outbox.attempted(notice.id, channel.name, Date.now(), null);
    } catch (error) {
      this.#count(channel, 'unrecorded');
      throw error;
    }
    this.#count(channel, 'acknowledged');
  }

  /** What waited for this one, and all that waited for a receiver that is back, need not wait out their pauses. */
  async #bringOn(alert: string, channel: string): Promise<void> {
    const isBack = this.#failing.delete(channel);
    try {
      const filter = isBack ? { channel } : { channel, alert };
      const first = await this.#outbox.deliveries({ ...filter, first: true, limit: SWEPT });
      for (const delivery of first) {
        await this.#jobs.cancel(queueOf(channel), idOf(delivery));
        await this.#jobs.schedule(this.#jobOf(delivery));
      }
    } catch (err) {
      // Only a matter of speed: the notice is told, and the sweep will find what waits.
      this.#surroundings.log.debug({ err }, 'what waited was not brought on');
    }
  }

  #count({ name }: Channel, outcome: string): void {
    this.#surroundings.counters.add('alerter_deliveries', { outcome, channel: name });
  }

  #jobOf({ notice, channel }: Task): Job {
    return {
      queue: queueOf(channel),
      id: idOf({ notice, channel }),
      payload: { notice, channel } satisfies Task,
      attempts: ATTEMPTS,
      backoffMs: this.#backoffMs,
    };
  }
}

const idOf = ({ notice, channel }: Task): string => `${notice}.${channel}`;
