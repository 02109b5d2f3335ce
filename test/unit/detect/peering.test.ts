import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { Hall, hostOf, type Said } from './hall.ts';
import { declaration, register, row } from './world.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8'];
const DECLARED = register(NODES, [
  declaration(NODES, [{ metric: 'node_power_watts', min: null, max: 9_000 }]),
]);
const SETTLED = PARAMETERS.sameJobWindows;

function hallOf(says: (node: string, minute: number) => Said, minutes: number, restarts = false): Hall {
  const hall = new Hall(DECLARED);
  hall.restarts = restarts;
  hall.run(0, minutes, NODES, says);
  return hall;
}

const working = (watts: number, job?: string): Said => ({
  entities: [hostOf(watts)],
  ...(job !== undefined && { job }),
});
/** Everybody in one job; one node does something else beside. */
const oneElse = (node: string, minute: number) =>
  working(node === 'n3' && minute > 30 ? 900 : 500, 'job_7/task_0');

test('a declared node that is unlike the others of its job is found, and more so if it was like them before', () => {
  const everOdd = hallOf((node) => working(node === 'n3' ? 900 : 500, 'job_7/task_0'), 60);
  expect(everOdd.story).toEqual([`${SETTLED + 3} n3 deviation open low`]);
  const { story, findings } = hallOf(oneElse, 60);
  expect(story).toEqual(['33 n3 deviation open medium']);
  expect(findings[0]?.reasons).toMatchObject([
    { rule: 'own-past' },
    { rule: 'onset' },
    { rule: 'peers', observed: 900, expected: 500 },
  ]);
  expect(findings[0]?.counterReasons.map(({ text }) => text)).toContainEqual(
    expect.stringContaining('straggler'),
  );
});

test('it closes when it is alike again', () => {
  const { story } = hallOf(
    (node, minute) => working(node === 'n3' && minute > 30 && minute <= 50 ? 900 : 500, 'job_7/task_0'),
    70,
  );
  expect(story).toEqual(['33 n3 deviation open medium', '55 n3 deviation closed medium']);
});

test('where no job is known, nodes of one declaration may do different work', () => {
  expect(hallOf((node, minute) => working(oneWatts(node, minute)), 90).story).toEqual([]);
});

test('in a pool of jobs a node that goes from one to another is like the others of each', () => {
  const jobOf = (node: string, minute: number) =>
    NODES.indexOf(node) < 4 + Number(minute > 40) ? 'job_7/task_0' : 'job_8/task_0';
  const hall = hallOf((node, minute) => {
    const job = jobOf(node, minute);
    return working(job === 'job_7/task_0' ? 500 : 2_500, job);
  }, 120);
  expect(hall.story).toEqual([]);
});

test('the first windows of a job are not compared: it does not start everywhere at once', () => {
  const starting = (node: string, minute: number) => (node === 'n3' && minute <= SETTLED ? 200 : 500);
  expect(hallOf((node, minute) => working(starting(node, minute), 'job_7/task_0'), 60).story).toEqual([]);
});

test('of a job that is divided nobody can say who does what was declared', () => {
  const odd = new Set(['n1', 'n2', 'n3']);
  const divided = (node: string, minute: number) =>
    working(odd.has(node) && minute > 30 ? 900 : 500, 'job_7/task_0');
  expect(hallOf(divided, 90).story).toEqual([]);
});

test('who does less of everything than the others pauses; who is as busy and does less of what they do, does other work', () => {
  const watts = (less: boolean) => (less ? 200 : 500);
  const doing = (cpu: (less: boolean) => number) =>
    hallOf((node, minute) => {
      const less = node === 'n3' && minute > 30;
      return { entities: [hostOf(watts(less), { cpu_utilization_ratio: cpu(less) })], job: 'job_7/task_0' };
    }, 60).story;
  expect(doing((less) => (less ? 0.1 : 0.5))).toEqual([]);
  expect(doing(() => 0.5)).toEqual(['33 n3 deviation open medium']);
});

test('where only power is measured, less of it is a pause', () => {
  const story = (watts: number) =>
    hallOf(
      (node) => ({
        entities: [row('host', 0, { node_power_watts: node === 'n3' ? watts : 500 })],
        job: 'job_7/task_0',
      }),
      60,
    ).story;
  expect(story(200)).toEqual([]);
  expect(story(900)).toHaveLength(1);
});

test('less of everything for an hour is no pause any more; one minute in ten is', () => {
  const idling = (isLess: (minute: number) => boolean) =>
    hallOf((node, minute) => {
      const less = node === 'n3' && isLess(minute);
      const cpu = { cpu_utilization_ratio: less ? 0.1 : 0.5 };
      return { entities: [hostOf(less ? 200 : 500, cpu)], job: 'job_7/task_0' };
    }, 140).story;
  const since = 30 + PARAMETERS.peersLessWindows;
  expect(idling((minute) => minute > 30)).toEqual([`${since + 2} n3 deviation open medium`]);
  expect(idling((minute) => minute % 10 === 0)).toEqual([]);
});

test('what depends on the role within a job does not count: traffic and memory', () => {
  const leading = { network_transmit_bytes_per_second: 5e8, memory_used_ratio: 0.9 };
  const hall = hallOf(
    (node) => ({
      entities: [hostOf(500, node === 'n3' ? leading : { network_transmit_bytes_per_second: 1e6 })],
      job: 'job_7/task_0',
    }),
    60,
  );
  expect(hall.story).toEqual([]);
});

test('a checkpoint at every tick changes nothing', () => {
  expect(hallOf(oneElse, 60, true).findings).toEqual(hallOf(oneElse, 60).findings);
});

/** Two kinds of work, and a node that changes from one to the other. */
function oneWatts(node: string, minute: number): number {
  const kind = NODES.indexOf(node) % 2 === 0;
  return (node === 'n2' && minute > 45) || kind ? 500 : 2_500;
}
