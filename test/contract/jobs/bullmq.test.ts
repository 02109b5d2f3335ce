import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bullJobs } from '#libs/jobs/bullmq.ts';
import type { Jobs } from '#libs/jobs/port.ts';
import { JobsUnavailableError } from '#libs/runtime/errors.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { type FlakyProxy, startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { type JobsWorld, jobsContract, LEASE_MS } from './contract.ts';
import { workAndDie } from './dying-worker.ts';

const url = process.env.DAVYLAMP_TEST_REDIS;

const aJob = { queue: 'q', id: 'job-1', payload: {}, attempts: 3, backoffMs: 50 };
const aPrefix = () => `davylamp-test-${randomBytes(6).toString('hex')}`;

async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(url ?? '');
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(keys);
  await redis.quit();
}

async function redisWorld(): Promise<JobsWorld> {
  const prefix = aPrefix();
  const options = { url: url ?? '', prefix, leaseMs: LEASE_MS };
  return {
    open: () => bullJobs(options),
    openAbsent: () => bullJobs({ ...options, url: 'redis://127.0.0.1:9' }),
    workAndDie: (queue) =>
      workAndDie(
        {
          dataDir: 'unused',
          ledger: 'postgres',
          postgresUrl: 'postgres://unused',
          jobs: 'bullmq',
          redisUrl: url,
          redisPrefix: prefix,
          jobLeaseMs: LEASE_MS,
        },
        queue,
      ),
    dispose: () => removeKeys(prefix),
  };
}

describeServer('DAVYLAMP_TEST_REDIS', 'Redis', () => {
  jobsContract('BullMQ', redisWorld);

  describe('when Redis', () => {
    let redis: FlakyProxy;
    let jobs: Jobs;
    let prefix: string;

    beforeEach(async () => {
      const { hostname: host, port } = new URL(url ?? '');
      redis = await startFlakyProxy({ host, port: Number(port) });
      prefix = aPrefix();
      jobs = bullJobs({ url: `redis://127.0.0.1:${redis.port}`, prefix, leaseMs: LEASE_MS });
    });
    afterEach(async () => {
      await jobs.close();
      await redis[Symbol.asyncDispose]();
      await removeKeys(prefix);
    });

    test.each(['reset', 'stall'] as const)(
      'is gone (%s), it says so within seconds, and works again',
      async (mode) => {
        const runs: string[] = [];
        await jobs.work('q', async ({ id }) => void runs.push(id), { concurrency: 1 });
        await jobs.schedule({ ...aJob, id: 'before' });
        await eventually(
          'runs',
          async () => runs,
          (ids) => ids.includes('before'),
          5_000,
          50,
        );
        redis.mode = mode;
        const beganMs = performance.now();
        await expect(jobs.schedule({ ...aJob, id: 'during' })).rejects.toBeInstanceOf(JobsUnavailableError);
        await expect(jobs.counts('q')).rejects.toBeInstanceOf(JobsUnavailableError);
        expect(performance.now() - beganMs).toBeLessThan(10_000);
        redis.mode = 'reset';
        redis.mode = 'pass';
        const schedule = () =>
          jobs.schedule({ ...aJob, id: 'after' }).then(
            () => true,
            () => false,
          );
        await eventually('scheduled', schedule, Boolean, 10_000);
        await eventually(
          'runs',
          async () => runs,
          (ids) => ids.includes('after'),
          15_000,
          50,
        );
      },
    );

    test.each(['reset', 'stall'] as const)('is gone (%s), it stops and closes all the same', async (mode) => {
      const worker = await jobs.work('q', async () => undefined, { concurrency: 1 });
      await jobs.schedule(aJob);
      redis.mode = mode;
      const beganMs = performance.now();
      await worker.stop(500);
      await jobs.close();
      expect(performance.now() - beganMs).toBeLessThan(6_000);
      const taken = redis.taken;
      await sleep(1_200);
      expect(redis.taken, 'connections opened after the close').toBe(taken);
    });

    test('was emptied, a job that is scheduled again runs', async () => {
      await jobs.schedule({ ...aJob, runAtMs: Date.now() + 60_000 });
      await removeKeys(prefix);
      expect((await jobs.counts('q')).waiting).toBe(0);
      const ran = Promise.withResolvers<string>();
      await jobs.work('q', async ({ id }) => ran.resolve(id), { concurrency: 1 });
      await jobs.schedule(aJob);
      expect(await ran.promise).toBe(aJob.id);
    });
  });
});
