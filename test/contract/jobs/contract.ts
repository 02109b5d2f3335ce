import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Attempt, Job, JobCounts, Jobs } from '#libs/jobs/port.ts';
import { JobsUnavailableError } from '#libs/runtime/errors.ts';
import { eventually } from '#test/support/eventually.ts';

/** An empty job store of its own. */
export interface JobsWorld {
  /** Another process's view of the same store; its leases last `LEASE_MS`. */
  open(): Jobs;
  openAbsent(): Jobs;
  /** Lets a job's process die: works on `queue` in a process of its own until a job is in hand, then kills it. */
  workAndDie(queue: string): Promise<void>;
  dispose(): Promise<void>;
}

export const LEASE_MS = 1_000;

const QUEUE = 'notices';
const aJob = (given: Partial<Job> = {}): Job => ({
  queue: QUEUE,
  id: 'job-1',
  payload: { of: 'job-1' },
  attempts: 3,
  backoffMs: 50,
  ...given,
});

/** What every job store does. */
export function jobsContract(name: string, createWorld: () => Promise<JobsWorld>): void {
  describe(`jobs on ${name}`, () => {
    let world: JobsWorld;
    let jobs: Jobs;

    beforeEach(async () => {
      world = await createWorld();
      jobs = world.open();
    });
    afterEach(async () => {
      await jobs.close();
      await world.dispose();
    });

    const countsBecome = (good: (counts: JobCounts) => boolean) =>
      eventually('counts', () => jobs.counts(QUEUE), good, 10_000, 50);

    test('runs a job once, with its payload, and forgets it', async () => {
      const runs: Attempt[] = [];
      await jobs.schedule(aJob());
      await jobs.work(QUEUE, async (attempt) => void runs.push(attempt), { concurrency: 1 });
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect(runs).toEqual([{ id: 'job-1', payload: { of: 'job-1' }, attempt: 1 }]);
      expect(await jobs.counts(QUEUE)).toEqual({ waiting: 0, active: 0, failed: 0 });
    });

    test('runs a job that is scheduled while the worker waits, within a second and a half', async () => {
      const ran = Promise.withResolvers<number>();
      await jobs.work(QUEUE, async () => ran.resolve(Date.now()), { concurrency: 1 });
      await sleep(200);
      const scheduledMs = Date.now();
      await jobs.schedule(aJob());
      expect((await ran.promise) - scheduledMs).toBeLessThan(1_500);
    });

    test('runs a delayed job not before its time', async () => {
      const ran = Promise.withResolvers<number>();
      await jobs.work(QUEUE, async () => ran.resolve(Date.now()), { concurrency: 1 });
      const runAtMs = Date.now() + 700;
      await jobs.schedule(aJob({ runAtMs }));
      const lateMs = (await ran.promise) - runAtMs;
      expect(lateMs).toBeGreaterThanOrEqual(-5);
      expect(lateMs).toBeLessThan(1_500);
    });

    test('ignores an id that waits or runs already', async () => {
      const payloads: unknown[] = [];
      const gate = Promise.withResolvers<void>();
      await jobs.schedule(aJob({ payload: 'first' }));
      await jobs.schedule(aJob({ payload: 'second' }));
      expect((await jobs.counts(QUEUE)).waiting).toBe(1);
      const handler = async ({ payload }: Attempt) => {
        payloads.push(payload);
        await gate.promise;
      };
      await jobs.work(QUEUE, handler, { concurrency: 2 });
      await countsBecome(({ active }) => active === 1);
      await jobs.schedule(aJob({ payload: 'third' }));
      gate.resolve();
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect(payloads).toEqual(['first']);
    });

    test('retries with a wait that doubles, then counts the job as failed', async () => {
      const startsMs: number[] = [];
      const told: [number, boolean][] = [];
      await jobs.schedule(aJob({ attempts: 3, backoffMs: 300 }));
      const handler = async () => {
        startsMs.push(Date.now());
        throw new Error('no');
      };
      await jobs.work(QUEUE, handler, {
        concurrency: 1,
        failed: ({ attempt }, _error, final) => void told.push([attempt, final]),
      });
      await countsBecome(({ failed }) => failed === 1);
      const [first = 0, second = 0, third = 0] = startsMs;
      expect(startsMs).toHaveLength(3);
      expect(second - first).toBeGreaterThanOrEqual(290);
      expect(third - second).toBeGreaterThanOrEqual(590);
      await eventually(
        'what was told',
        async () => told.length,
        (length) => length === 3,
        2_000,
        20,
      );
      expect(told).toEqual([
        [1, false],
        [2, false],
        [3, true],
      ]);
    });

    test('begins a failed job anew when it is scheduled again', async () => {
      const attempts: number[] = [];
      let isBroken = true;
      const handler = async ({ attempt }: Attempt) => {
        attempts.push(attempt);
        if (isBroken) throw new Error('no');
      };
      await jobs.work(QUEUE, handler, { concurrency: 1 });
      await jobs.schedule(aJob({ attempts: 1 }));
      await countsBecome(({ failed }) => failed === 1);
      isBroken = false;
      await jobs.schedule(aJob({ attempts: 1 }));
      await countsBecome(({ failed, waiting, active }) => failed + waiting + active === 0);
      expect(attempts).toEqual([1, 1]);
    });

    test('cancels a job that has not started, and minds no unknown one', async () => {
      const runs: string[] = [];
      await jobs.schedule(aJob({ id: 'job-1', runAtMs: Date.now() + 300 }));
      await jobs.schedule(aJob({ id: 'job-2', runAtMs: Date.now() + 300 }));
      await jobs.cancel(QUEUE, 'job-1');
      await jobs.cancel(QUEUE, 'unknown');
      await jobs.work(QUEUE, async ({ id }) => void runs.push(id), { concurrency: 2 });
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect(runs).toEqual(['job-2']);
    });

    test('runs no more jobs at once than its concurrency', async () => {
      let running = 0;
      let most = 0;
      let done = 0;
      for (let index = 0; index < 9; index++) await jobs.schedule(aJob({ id: `job-${index}` }));
      const handler = async () => {
        most = Math.max(most, ++running);
        await sleep(60);
        running--;
        done++;
      };
      await jobs.work(QUEUE, handler, { concurrency: 3 });
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect([done, most]).toEqual([9, 3]);
    });

    test('keeps a job that takes longer than its lease to one run', async () => {
      const runs: string[] = [];
      const handler = async ({ id }: Attempt) => {
        runs.push(id);
        await sleep(2.5 * LEASE_MS);
      };
      const other = world.open();
      await Promise.all([jobs, other].map((each) => each.work(QUEUE, handler, { concurrency: 2 })));
      await jobs.schedule(aJob());
      await countsBecome(({ active }) => active === 1);
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect(runs).toEqual(['job-1']);
      await other.close();
    });

    test('shares a queue between two processes, each job once', async () => {
      const runs: string[] = [];
      const other = world.open();
      const handler = async ({ id }: Attempt) => void runs.push(id);
      const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
      for (const id of ids) await jobs.schedule(aJob({ id }));
      await Promise.all([jobs, other].map((each) => each.work(QUEUE, handler, { concurrency: 2 })));
      await countsBecome(({ waiting, active }) => waiting + active === 0);
      expect(runs.sort()).toEqual(ids.sort());
      await other.close();
    });

    test('runs a job again whose process died under it', async () => {
      await jobs.schedule(aJob());
      await world.workAndDie(QUEUE);
      expect(await jobs.counts(QUEUE)).toMatchObject({ active: 1 });
      const ran = Promise.withResolvers<Attempt>();
      await jobs.work(QUEUE, async (attempt) => ran.resolve(attempt), { concurrency: 1 });
      expect(await ran.promise).toMatchObject({ id: 'job-1', payload: { of: 'job-1' } });
      await countsBecome(({ waiting, active, failed }) => waiting + active + failed === 0);
    });

    test('finishes the job in hand before it stops, and takes no other', async () => {
      const runs: string[] = [];
      const started = Promise.withResolvers<void>();
      const worker = await jobs.work(
        QUEUE,
        async ({ id }) => {
          started.resolve();
          await sleep(300);
          runs.push(id);
        },
        { concurrency: 1 },
      );
      await jobs.schedule(aJob({ id: 'job-1' }));
      await jobs.schedule(aJob({ id: 'job-2' }));
      await started.promise;
      await worker.stop(5_000);
      expect(runs).toEqual(['job-1']);
      expect(await jobs.counts(QUEUE)).toEqual({ waiting: 1, active: 0, failed: 0 });
    });

    test('stops by its deadline whatever a handler does', async () => {
      const started = Promise.withResolvers<void>();
      const never = Promise.withResolvers<void>();
      const handler = async () => {
        started.resolve();
        await never.promise;
      };
      const worker = await jobs.work(QUEUE, handler, { concurrency: 1 });
      await jobs.schedule(aJob());
      await started.promise;
      const beganMs = performance.now();
      await worker.stop(200);
      expect(performance.now() - beganMs).toBeLessThan(4_000);
      never.resolve();
    });

    test('says within seconds that its store is not there, and closes all the same', async () => {
      const absent = world.openAbsent();
      await absent.work(QUEUE, async () => undefined, { concurrency: 1 });
      const beganMs = performance.now();
      await expect(absent.schedule(aJob())).rejects.toBeInstanceOf(JobsUnavailableError);
      expect(performance.now() - beganMs).toBeLessThan(6_000);
      await absent.close();
      expect(performance.now() - beganMs).toBeLessThan(10_000);
    });
  });
}
