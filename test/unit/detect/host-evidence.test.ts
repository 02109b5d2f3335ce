import { expect, test } from 'vitest';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { hostWindowFeatures } from '#libs/detect/host-evidence/windows.ts';
import { assessRun } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { type Behaviour, mostLikely } from '#libs/model/behaviour.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { row } from './world.ts';

/** Every core computes; nothing is read, written or waited for. */
const LOOP = {
  cpu_utilization_ratio: 1,
  cpu_utilization_ratio_sd: 0.001,
  cpu_user_ratio: 0.995,
  cpu_system_ratio: 0.005,
  cpu_nice_ratio: 0,
  cpu_iowait_ratio: 0,
  processes_running: 3,
  context_switches_per_second: 35,
  disk_read_bytes_per_second: 0,
  disk_write_bytes_per_second: 2_000,
  pressure_cpu_some_ratio: 0.01,
  pressure_io_some_ratio: 0,
};
/** A database that makes each change durable. */
const DATABASE = {
  ...LOOP,
  cpu_utilization_ratio: 0.45,
  cpu_utilization_ratio_sd: 0.05,
  cpu_user_ratio: 0.2,
  cpu_system_ratio: 0.25,
  cpu_iowait_ratio: 0.25,
  context_switches_per_second: 9_000,
  disk_write_bytes_per_second: 3e7,
  pressure_io_some_ratio: 0.5,
};

const read = (values: Readonly<Record<string, number>>) =>
  hostWindowFeatures([{ samples: 10, entities: [row('host', 0, values)] }])[0] ?? new Float64Array();
const featureOf = (values: Readonly<Record<string, number>>, name: string) =>
  read(values)[HOST_FEATURES.findIndex((feature) => feature.name === name)];

const watch = (...entities: readonly EntityRow[]) => watchDeclared(['B0', 'B1', 'B2', 'B3'], ...entities);

/** Three windows of a node that always shows these rows. */
function watchDeclared(behaviours: readonly Behaviour[], ...entities: readonly EntityRow[]): Assessment[] {
  const startMs = Date.UTC(2026, 0, 5, 12);
  const frames = Array.from({ length: 18 }, (_, frame) => ({
    endMs: startMs + (frame + 1) * 10_000,
    samples: 10,
    entities,
  }));
  const declaration = {
    ...{ id: 'd', version: 1, tenant: 't', nodes: ['n'], envelope: [], approver: 'a' },
    ...{ behaviours, validFromMs: 0, validToMs: null, recordedMs: 0 },
  };
  return assessRun({ node: 'n', site: 's', declaration, frames }, PARAMETERS, () => '0'.repeat(64)).filter(
    isWhole,
  );
}

test('rates are for each running thread: the same work on few cores and on many reads alike', () => {
  const many = { ...LOOP, processes_running: 65, context_switches_per_second: (35 / 3) * 65 };
  for (const name of ['switches-per-thread', 'cpu', 'disk-per-thread'])
    expect(featureOf(many, name)).toBeCloseTo(featureOf(LOOP, name) ?? Number.NaN, 1);
});

test('a feature whose metric was not measured says nothing', () => {
  const { context_switches_per_second: _, ...less } = LOOP;
  expect(featureOf(less, 'switches-per-thread')).toBeNaN();
  expect(featureOf({ cpu_utilization_ratio: 1 }, 'system-share')).toBeNaN();
});

test('niced work reads as the same work', () => {
  const niced = { ...LOOP, cpu_user_ratio: 0, cpu_nice_ratio: 0.995 };
  expect([...read(niced)]).toEqual([...read(LOOP)]);
});

test('a loop on every core is proof-of-work for no more than a possibility, and the answer is that nobody can tell', () => {
  for (const { behaviours, conformity, reasons, unseen } of watch(row('host', 0, LOOP))) {
    expect(behaviours.B6).toBeGreaterThan(PARAMETERS.hostClearRatio * PARAMETERS.rarePrior);
    expect(behaviours.B6).toBeLessThan(0.5);
    expect(conformity).toBe('cannot tell');
    expect(reasons.filter(({ rule }) => rule === 'behaviour')).toEqual([]);
    expect(unseen[0]).toContain('no instructions');
  }
});

test('a host that waits for its disks is other compute, and says what speaks against proof-of-work', () => {
  for (const { behaviours, conformity, counterReasons } of watch(row('host', 0, DATABASE))) {
    expect(mostLikely(behaviours)).toBe('B3');
    expect(behaviours.B6).toBeLessThan(PARAMETERS.hostClearRatio * PARAMETERS.rarePrior);
    expect(conformity).not.toBe('deviates');
    expect(counterReasons.some(({ rule }) => rule === 'behaviour')).toBe(true);
  }
});

test('probabilities sum to 1', () => {
  for (const values of [LOOP, DATABASE]) {
    const [one] = watch(row('host', 0, values));
    const sum = Object.values(one?.behaviours ?? {}).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 2);
  }
});

const BUSY_GPU = row('gpu', 0, { gpu_utilization_ratio: 0.97, gpu_power_watts: 610 });
const IDLE_GPU = row('gpu', 0, { gpu_utilization_ratio: 0, gpu_power_watts: 60 });

test('a host counts where GPUs wait, not where one works, nor without context switches', () => {
  const { context_switches_per_second: _, ...cheap } = LOOP;
  const b6 = (...entities: readonly EntityRow[]) => watch(...entities)[0]?.behaviours.B6 ?? 0;
  expect(b6(row('host', 0, LOOP), IDLE_GPU)).toBeGreaterThan(0);
  expect(b6(row('host', 0, LOOP), BUSY_GPU)).toBe(0);
  expect(b6(row('host', 0, cheap))).toBe(0);
  expect(b6(row('host', 0, { ...LOOP, cpu_utilization_ratio: 0.07 }))).toBe(0);
});

test('what is declared is not held against a node', () => {
  const [one] = watchDeclared(['B3', 'B6'], row('host', 0, LOOP));
  expect(one?.conformity).not.toBe('deviates');
  expect(one?.behaviours.B6).toBeGreaterThan(watch(row('host', 0, DATABASE))[0]?.behaviours.B6 ?? 1);
});
