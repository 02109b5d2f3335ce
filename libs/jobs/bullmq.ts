import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { JobsUnavailableError } from '#libs/runtime/errors.ts';
import { BullWorker } from './bullmq-worker.ts';
import type { Job, Jobs } from './port.ts';

export interface BullOptions {
  /** `redis://user:password@host:port/database` */
  readonly url: string;
  /** Begins every key. */
  readonly prefix: string;
  /** A job whose process died runs again after one to two of these; its process renews it twice in it. */
  readonly leaseMs: number;
  /** Told of failures of the connection that the workers survive. */
  readonly failed?: (error: unknown) => void;
}

/** A call that Redis has not answered by then is given up; what it asked for may still happen. */
const ANSWER_MS = 3_000;
const RECONNECT_MS = 500;
/** Failed jobs kept for people to see. */
const FAILED_KEPT = { age: 30 * 86_400, count: 10_000 };

/**
 * Jobs in Redis, by BullMQ. Finished jobs are forgotten at once. Redis should keep an append-only file and evict
 * nothing; what it loses all the same, the sweeper puts back.
 */
export function bullJobs(options: BullOptions): Jobs {
  const connections = new RedisConnections(options);
  const producer = connections.open({ enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const queues = new Map<string, Queue>();
  const workers = new Set<BullWorker>();
  const queueOf = (name: string): Queue => {
    const queue = queues.get(name) ?? new Queue(name, { connection: producer, prefix: options.prefix });
    if (!queues.has(name)) queue.on('error', (error) => options.failed?.(error));
    queues.set(name, queue);
    return queue;
  };
  /** A queue that has failed is dropped: one that never saw its server stays broken for good. */
  const ask = async <T>(name: string, question: (queue: Queue) => Promise<T>): Promise<T> => {
    const queue = queueOf(name);
    try {
      return await within(ANSWER_MS, question(queue));
    } catch (cause) {
      queues.delete(name);
      queue.close().catch((error: unknown) => options.failed?.(error));
      throw unavailable(cause);
    }
  };
  return {
    schedule: (job) => ask(job.queue, (queue) => add(queue, job)),
    cancel: (name, id) => ask(name, async (queue) => void (await queue.remove(id))),
    async work(name, handler, workOptions) {
      const connection = connections.open({ maxRetriesPerRequest: null });
      const worker = new BullWorker(name, handler, connection, {
        ...workOptions,
        prefix: options.prefix,
        leaseMs: options.leaseMs,
        broke: options.failed,
      });
      workers.add(worker);
      return {
        async stop(deadlineMs) {
          workers.delete(worker);
          await worker.stop(deadlineMs);
        },
      };
    },
    counts: (name) =>
      ask(name, async (queue) => {
        const states = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed');
        const { active = 0, failed = 0, ...rest } = states;
        return { waiting: Object.values(rest).reduce((sum, jobs) => sum + jobs, 0), active, failed };
      }),
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      connections.end();
    },
  };
}

/** A job that waits or runs stays as it is; one that has used up its attempts begins anew. */
async function add(queue: Queue, job: Job): Promise<void> {
  const known = await queue.getJob(job.id);
  if (known?.finishedOn) await queue.remove(job.id);
  await queue.add(job.queue, job.payload, {
    jobId: job.id,
    delay: Math.max(0, (job.runAtMs ?? 0) - Date.now()),
    attempts: job.attempts,
    backoff: { type: 'capped', delay: job.backoffMs },
    removeOnComplete: true,
    removeOnFail: FAILED_KEPT,
  });
}

/** Connections that reconnect until they are ended: BullMQ's own copies, too, follow the same strategy. */
class RedisConnections {
  readonly #options: BullOptions;
  readonly #open: Redis[] = [];
  #ended = false;

  constructor(options: BullOptions) {
    this.#options = options;
  }

  open(options: { enableOfflineQueue?: boolean; maxRetriesPerRequest: number | null }): Redis {
    const redis = new Redis(this.#options.url, {
      ...options,
      connectTimeout: ANSWER_MS,
      keepAlive: 10_000,
      retryStrategy: () => (this.#ended ? null : RECONNECT_MS),
    });
    redis.on('error', (error) => this.#options.failed?.(error));
    this.#open.push(redis);
    return redis;
  }

  end(): void {
    this.#ended = true;
    for (const redis of this.#open) redis.disconnect();
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(cause: unknown): JobsUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new JobsUnavailableError(`Redis: ${reason}; expected a server that answers at redisUrl`, { cause });
}
