import { expect, test } from 'vitest';
import { jobOf } from '#libs/detect/jobs.ts';
import type { WorkGroup } from '#libs/model/frame.ts';
import { frame, register, StageWorld } from './world.ts';

const group = (label: string, gpuMemoryBytes = 0): WorkGroup => ({
  label,
  cpuUtilizationRatio: 0.1,
  memoryBytes: 1e9,
  gpuUtilizationRatio: 0,
  gpuMemoryBytes,
});

test('a job is known by the name that a scheduler gave it, on GPUs before all others', () => {
  expect(jobOf([])).toBe('');
  expect(jobOf([group('system.slice/sshd.service'), group('job_7/step_0')])).toBe('job_7');
  expect(jobOf([group('job_8/task_0'), group('job_7/task_0', 1), group('job_7/task_1', 1)])).toBe('job_7');
  expect(jobOf([group('jobid/9.head', 1)])).toBe('jobid/9.head');
  expect(jobOf([group('my_job_7.service', 1), group('kubepods-pod1.slice/job_x', 1)])).toBe('');
});

test('jobs that share a node are one name, in whatever order they are read', () => {
  const shared = [group('job_7/task_0', 1), group('job_12/task_0', 1)];
  expect(jobOf(shared)).toBe('job_12+job_7');
  expect(jobOf(shared.toReversed())).toBe('job_12+job_7');
});

test('a summary names the job of its window, and none where the job changed within it', () => {
  const world = new StageWorld(register(['n1']));
  const jobs = ['job_1', 'job_1', 'job_2', 'job_2'];
  const changesAt = 15;
  for (let sequence = 1; sequence <= 30; sequence++) {
    const job = sequence > changesAt ? 'job_2' : 'job_1';
    world.frame(frame({ sequence, groups: [group(`${job}/task_0`, 1)] }));
  }
  expect(world.summaries.map(({ groups }) => groups.map(({ label }) => label))).toEqual(
    jobs.map((job, window) => (window === 2 ? [] : [job])),
  );
});

test('the jobs of open windows are part of a checkpoint', () => {
  const one = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 4; sequence++)
    one.frame(frame({ sequence, groups: [group('job_1/task_0', 1)] }));
  const { state, bytes } = one.stage.dump();
  const copy = Buffer.concat(bytes);
  const other = new StageWorld(register(['n1']));
  other.stage.restore(JSON.parse(JSON.stringify(state)), copy);
  for (let sequence = 5; sequence <= 12; sequence++)
    other.frame(frame({ sequence, groups: [group('job_1/task_0', 1)] }));
  expect(other.summaries[0]?.groups).toMatchObject([{ label: 'job_1' }]);
});
