import { mean, standardDeviation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { bootName, frame, register, row, START_MS, StageWorld } from './world.ts';

const power = gaugeOrdinal('host', 'node_power_watts');
const minute = (n: number) => START_MS + n * 60_000;

test('a summary pools the samples of its frames as if they were one sample', () => {
  const world = new StageWorld(register(['n1']));
  const samples = Array.from({ length: 6 }, (_, f) =>
    Array.from({ length: 10 }, (_, s) => 400 + 7 * f + 3 * s),
  );
  samples.forEach((values, i) => {
    const host = row('host', 0, {
      node_power_watts: mean(values),
      node_power_watts_sd: standardDeviation(values),
      node_power_watts_min: Math.min(...values),
      node_power_watts_max: Math.max(...values),
      load_average_1m: i,
    });
    host.counters[counterOrdinal('host', 'network_transmit_bytes_total')] = 1000 + i;
    world.frame(frame({ sequence: i + 1, entities: [host] }));
  });
  world.frame(frame({ sequence: 7 }));
  const [summary] = world.summaries;
  const all = samples.flat();
  expect(summary).toMatchObject({ endMs: minute(1), intervalMs: 60_000, samples: 6, sequence: 6 });
  expect(summary?.covers).toEqual([{ from: 1, to: 6 }]);
  const host = summary?.entities[0];
  expect(host?.gauges[power]).toBeCloseTo(mean(all), 3);
  expect(host?.gauges[power + 1]).toBeCloseTo(standardDeviation(all), 3);
  expect([host?.gauges[power + 2], host?.gauges[power + 3]]).toEqual([Math.min(...all), Math.max(...all)]);
  expect(host?.gauges[gaugeOrdinal('host', 'load_average_1m')]).toBe(2.5);
  expect(host?.counters[counterOrdinal('host', 'network_transmit_bytes_total')]).toBe(1005);
  expect(host?.gauges[gaugeOrdinal('host', 'memory_used_ratio')]).toBeNaN();
});

test('frames out of order within the grace are part of their window', () => {
  const world = new StageWorld(register(['n1']));
  for (const sequence of [1, 3, 2, 6, 4, 5, 7]) world.frame(frame({ sequence }));
  expect(world.assessments).toHaveLength(1);
  expect(world.summaries.at(-1)?.covers).toEqual([{ from: 1, to: 6 }]);
  expect(world.assessments.at(-1)?.coverageRatio).toBe(1);
});

test('a late frame gives a new revision and replaces the summary; a later one still is turned away', () => {
  const world = new StageWorld(register(['n1']));
  const late = (sequence: number) => world.frame(frame({ sequence }));
  for (const sequence of [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]) late(sequence);
  expect(world.assessments.map((one) => one.windowEndMs)).toEqual([minute(1), minute(2)]);
  expect(late(3)).toBe('taken');
  const [first, , revised] = world.assessments;
  expect(revised?.windowEndMs).toBe(minute(1));
  expect(revised?.revision).not.toBe(first?.revision);
  expect(world.summaries.at(-1)).toMatchObject({ endMs: minute(1), covers: [{ from: 1, to: 6 }] });
  for (let sequence = 14; sequence <= 30; sequence++) if (sequence !== 15) late(sequence);
  expect(late(3)).toBe('late');
  expect(world.frame(frame({ sequence: 15, endMs: minute(1) - 5_000 }))).toBe('late');
});

test('the same frame twice changes nothing', () => {
  const once = new StageWorld(register(['n1']));
  const twice = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 20; sequence++) {
    once.frame(frame({ sequence }));
    expect(twice.frame(frame({ sequence }))).toBe('taken');
    expect(twice.frame(frame({ sequence }))).toBe('duplicate');
  }
  expect(twice.assessments).toEqual(once.assessments);
});

test('a window closes by a frame beyond its grace, not by one within it', () => {
  const world = new StageWorld(register(['n1']));
  const shifted = (sequence: number) => frame({ sequence, endMs: START_MS + sequence * 10_000 + 3_000 });
  for (let sequence = 1; sequence <= 6; sequence++) world.frame(shifted(sequence));
  expect(world.assessments).toHaveLength(0);
  world.frame(shifted(7));
  expect(world.assessments).toHaveLength(1);
  expect(world.summaries[0]?.covers).toEqual([{ from: 1, to: 5 }]);
});

test('a window that no frame follows closes by two ticks beyond its end', () => {
  const world = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 6; sequence++) world.frame(frame({ sequence }));
  world.ticks(minute(1) + 10_000, minute(1) + 10_000);
  expect(world.assessments).toHaveLength(0);
  world.ticks(minute(1) + 20_000, minute(1) + 20_000);
  expect(world.assessments).toHaveLength(1);
});

test('a window in which the agent restarted gives one summary for each start', () => {
  const world = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 3; sequence++) world.frame(frame({ sequence }));
  for (let i = 1; i <= 5; i++) {
    world.frame(frame({ sequence: i, boot: bootName('b'), endMs: START_MS + (3 + i) * 10_000 }));
  }
  expect(world.summaries.map(({ boot, covers }) => [boot, covers])).toEqual([
    [bootName('a'), [{ from: 1, to: 3 }]],
    [bootName('b'), [{ from: 1, to: 3 }]],
  ]);
  expect(world.summaries[0]?.entities).toEqual(world.summaries[1]?.entities);
  expect(world.assessments).toHaveLength(1);
});

test('two starts that report at the same time contradict each other', () => {
  const world = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 12; sequence++) {
    world.frame(frame({ sequence }));
    world.frame(frame({ sequence, boot: bootName('b') }));
  }
  world.frame(frame({ sequence: 13 }));
  const last = world.assessments.at(-1);
  expect(last?.grade).toBe('X');
  expect(last?.reasons.map(({ rule }) => rule)).toContain('clone');
});

test('a backlog of the start before the present one is no contradiction', () => {
  const world = new StageWorld(register(['n1']));
  world.frame(frame({ sequence: 1 }));
  world.frame(frame({ sequence: 1, boot: bootName('b'), endMs: START_MS + 40_000 }));
  for (const sequence of [2, 3]) world.frame(frame({ sequence }));
  for (let i = 2; i <= 5; i++) {
    world.frame(frame({ sequence: i, boot: bootName('b'), endMs: START_MS + (3 + i) * 10_000 }));
  }
  expect(world.assessments.at(-1)?.grade).toBe('C');
  expect(world.summaries.map(({ covers }) => covers)).toContainEqual([{ from: 1, to: 3 }]);
});

test('a clock ahead of the receive time is reported, and its values are not used', () => {
  const world = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 5; sequence++) world.frame(frame({ sequence }));
  world.receivedMs = START_MS + 60_000;
  expect(world.frame(frame({ sequence: 6, endMs: START_MS + 3_600_000 }))).toBe('clock');
  expect(world.frame(frame({ sequence: 7, endMs: START_MS + 3_610_000 }))).toBe('clock');
  expect(world.assessments).toHaveLength(1);
  expect(world.assessments[0]).toMatchObject({ grade: 'X', coverageRatio: 0, windowEndMs: minute(1) });
  expect(world.assessments[0]?.reasons[0]).toMatchObject({ rule: 'clock', observed: 3540 });
  world.receivedMs = null;
  world.frame(frame({ sequence: 8, endMs: minute(1) + 10_000 }));
  expect(world.summaries.at(-1)).toMatchObject({ samples: 5, endMs: minute(1) });
});

test('any state restored goes on as if nothing had happened', () => {
  const whole = new StageWorld(register(['n1', 'n2']));
  let cut = new StageWorld(register(['n1', 'n2']));
  const gpus = [row('host', 0, { cpu_utilization_ratio: 0.4 }), row('gpu', 0, { gpu_power_watts: 300 })];
  for (let sequence = 1; sequence <= 100; sequence++) {
    for (const world of [whole, cut]) {
      world.frame(frame({ sequence }));
      world.frame(frame({ sequence, node: 'n2', entities: gpus }));
      if (sequence % 3 === 0) world.ticks(START_MS + sequence * 10_000, START_MS + sequence * 10_000);
    }
    if (sequence % 7 !== 0) continue;
    const { state, bytes } = cut.stage.dump();
    const next = new StageWorld(register(['n1', 'n2']));
    next.stage.restore(JSON.parse(JSON.stringify(state)), Buffer.concat(bytes));
    next.assessments.push(...cut.assessments);
    cut = next;
  }
  expect(cut.assessments).toEqual(whole.assessments);
  expect(whole.assessments).toHaveLength(32);
});
