import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accumulate } from '#libs/detect/accumulate.ts';
import { readFeatures } from '#libs/detect/evidence/features.ts';
import { readTraffic } from '#libs/detect/evidence/traffic.ts';
import { readHostFeatures } from '#libs/detect/host-evidence/features.ts';
import type { WindowLayout } from '#libs/detect/layout.ts';
import { NodeTable } from '#libs/detect/node-table.ts';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { Tier } from '#libs/detect/tier.ts';
import { ALL_RICH, type TierPolicy } from '#libs/detect/tiers/choice.ts';
import { CHAIN_STATE_BYTES } from '#libs/evidence/chain-state.ts';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { emptyRow, type Frame } from '#libs/model/frame.ts';
import {
  bootName,
  declaration,
  frame,
  normal,
  register,
  row,
  START_MS,
  StageWorld,
  seeded,
} from './world.ts';

const CHEAP: TierPolicy = { mode: 'cheap', richEntities: 0, key: '' };
const NODES = ['n1', 'n2', 'n3', 'n4'];
/** Two of four nodes fit for good, one more for a while; every third hour has a turn. */
const AUTO: TierPolicy = { mode: 'auto', richEntities: 2, key: 'secret' };
const TURNING: DetectParameters = { ...PARAMETERS, turnRatio: 1 / 3, turnWindows: 20, watchedWindows: 15 };

const tierOf = ({ unseen }: { readonly unseen: readonly string[] }) =>
  unseen.some((text) => text.includes('cheap tier')) ? 'cheap' : 'rich';

test.each([
  ['rich', 12 * 1024],
  ['cheap', 1.5 * 1024],
] as const)(
  'a host alone, and each entity of a node of eight GPUs, fits the budget of the %s tier',
  (name, budget) => {
    for (const gpus of [0, 8]) {
      const table = new NodeTable();
      // Whole pages of every slab.
      for (let node = 0; node < 64; node++) {
        const at = table.add(`rack-12-node-${node}`, 's1', 0, name === 'rich' ? 0 : 1);
        for (let gpu = 0; gpu < gpus; gpu++) table.gpuOf(at, gpu, `GPU-${gpu}`);
      }
      // Beside the slabs: name, starts and their places in arrays and the map; measured by `npm run bench`.
      const strings = 230 + 72 * gpus;
      const bytes = table.byteLength / 64 + CHAIN_STATE_BYTES + strings;
      expect(bytes / (1 + gpus), `${gpus} GPUs`).toBeLessThanOrEqual(budget);
    }
  },
);

/** What features read of a window that these rows were gathered in. */
function gathered(layout: WindowLayout, seed: number): Float64Array {
  const random = seeded(seed);
  const data = layout.counters === 0 ? new Float32Array(layout.width) : new Float64Array(layout.width);
  for (let n = 0; n < 6; n++) {
    const one = emptyRow(layout.kind, 0, 'x');
    for (let i = 0; i < one.gauges.length; i++) one.gauges[i] = random() < 0.1 ? Number.NaN : random();
    accumulate(layout, data, 0, 10, one.gauges, 0, one.counters, 0, true);
  }
  const window = { layout, data, at: 0 };
  if (layout.kind === 'gpu') return readFeatures(window, readTraffic(null, 1));
  return Float64Array.from([...readHostFeatures(window), ...readTraffic(window, 2)]);
}

test('every feature of evidence reads the same in both tiers', () => {
  const [rich, cheap] = [new Tier('rich'), new Tier('cheap')];
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('host', 'gpu'), (seed, kind) => {
      const [full, small] = [gathered(rich[kind], seed), gathered(cheap[kind], seed)];
      full.forEach((value, feature) => {
        const other = small[feature] ?? 0;
        if (Number.isNaN(value)) expect(other).toBeNaN();
        else expect(Math.abs(other - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
      });
    }),
  );
});

/** What a node reports: n2 has a GPU, and n4 is odd at times. */
function entitiesOf(node: string, sequence: number, random: () => number) {
  const odd = node === 'n4' && sequence % 1200 > 1000;
  const host = row('host', 0, {
    cpu_utilization_ratio: 0.5 + 0.01 * normal(random),
    node_power_watts: (odd ? 900 : 500) + 5 * normal(random),
    cpu_temperature_celsius: 50,
  });
  if (node !== 'n2') return [host];
  return [host, row('gpu', 0, { gpu_power_watts: 300 + 5 * normal(random), gpu_utilization_ratio: 0.9 })];
}

/** Frames of all nodes; n3 is silent at times, and some frames are late. */
function stream(seed: number, minutes: number): Frame[] {
  const random = seeded(seed);
  const frames: Frame[] = [];
  const held: Frame[] = [];
  const send = (one: Frame) => {
    if (held.length < 2 && random() < 0.02) held.push(one);
    else frames.push(one, ...(random() < 0.5 ? held.splice(0) : []));
  };
  for (let sequence = 1; sequence <= minutes * 6; sequence++) {
    const silent = sequence % 600 > 540 ? 'n3' : '';
    for (const node of NODES.filter((one) => one !== silent))
      send(frame({ node, sequence, entities: entitiesOf(node, sequence, random) }));
  }
  return [...frames, ...held];
}

const DECLARED = register(NODES, [declaration(NODES, [{ metric: 'node_power_watts', min: null, max: 700 }])]);

/** Puts a stream through stage 1, which is dumped and put back with this probability after each frame. */
function run(frames: readonly Frame[], policy: TierPolicy, restarts: number, seed: number): StageWorld {
  const random = seeded(seed);
  const world = new StageWorld(DECLARED, TURNING, policy);
  for (const one of frames) {
    world.frame(one);
    if (random() < restarts) world.restart();
  }
  const endMs = Math.max(...frames.map(({ endMs }) => endMs));
  world.ticks(endMs + 10_000, endMs + 60_000);
  return world;
}

test('a restart between any two frames changes nothing, in any tier and while nodes move', {
  timeout: 60_000,
}, () => {
  for (const policy of [ALL_RICH, CHEAP, AUTO]) {
    const frames = stream(1, 200);
    const whole = run(frames, policy, 0, 0);
    const tiers = new Set(whole.assessments.map(tierOf));
    expect(tiers).toEqual(new Set(policy.mode === 'auto' ? ['rich', 'cheap'] : [policy.mode]));
    for (const seed of [2, 3]) {
      const again = run(frames, policy, 0.01, seed);
      expect(again.assessments).toEqual(whole.assessments);
      expect(again.summaries).toEqual(whole.summaries);
    }
  }
});

test('no window and no frame is lost, in any tier and while nodes move', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(CHEAP, AUTO), (seed, policy) => {
      const frames = stream(seed, 90);
      const world = new StageWorld(DECLARED, { ...TURNING, turnRatio: 0.9, turnWindows: 7 }, policy);
      const taken = frames.filter((one) => world.frame(one) === 'taken');
      world.ticks(START_MS + 91 * 60_000, START_MS + 93 * 60_000);
      const windows = new Set(
        taken.map(({ node, endMs }) => `${node} ${Math.ceil(endMs / 60_000) * 60_000}`),
      );
      const present = world.assessments.filter(({ heartbeat }) => heartbeat === 'present');
      const assessed = new Set(present.map(({ node, windowEndMs }) => `${node} ${windowEndMs}`));
      expect(assessed).toEqual(windows);
      const covered = new Set(
        world.summaries.flatMap(({ node, covers }) =>
          covers.flatMap(({ from, to }) =>
            Array.from({ length: to - from + 1 }, (_, n) => `${node} ${from + n}`),
          ),
        ),
      );
      expect(covered).toEqual(new Set(taken.map(({ node, sequence }) => `${node} ${sequence}`)));
    }),
    { numRuns: 10 },
  );
});

test('both tiers say the same of what both keep, from a window on whose past both know', () => {
  const frames = stream(5, 20);
  const [rich, cheap] = [run(frames, ALL_RICH, 0, 0), run(frames, CHEAP, 0, 0)];
  const said = ({ assessments }: StageWorld) =>
    assessments.map(({ node, windowEndMs, behaviours, conformity, coverageRatio, grade }) => [
      [node, windowEndMs, behaviours, conformity, coverageRatio, grade],
    ]);
  expect(said(cheap)).toEqual(said(rich));
});

/** One node, steady but for the power of the last windows. */
function worldOf(policy: TierPolicy, minutes: number, wattsOf: (minute: number) => number): StageWorld {
  const world = new StageWorld(register(['n1']), PARAMETERS, policy);
  for (let sequence = 1; sequence <= minutes * 6; sequence++) {
    const node_power_watts = wattsOf(Math.ceil(sequence / 6)) + (sequence % 3);
    world.frame(
      frame({ sequence, entities: [row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts })] }),
    );
  }
  return world;
}

test('a node that leaves the rich tier keeps the reference that it made there', () => {
  // Room for guests alone: the node's first hour, and what turns are drawn.
  const guests: TierPolicy = { mode: 'auto', richEntities: 0.9, key: 'k' };
  const world = worldOf(guests, 100, (minute) => (minute > 90 ? 900 : 500));
  const last = world.assessments.at(-1);
  expect(world.assessments.slice(0, 55).map(tierOf)).not.toContain('cheap');
  expect(world.assessments.slice(62, 85).map(tierOf)).not.toContain('rich');
  expect(last?.reasons.map(({ rule }) => rule)).toContain('own-past');
});

test('a node that was always cheap has no past, and no sentence pretends that it has', () => {
  const world = worldOf(CHEAP, 100, (minute) => (minute > 90 ? 900 : 500));
  const after = world.assessments.slice(91);
  expect(after.flatMap(({ reasons }) => reasons.map(({ rule }) => rule))).not.toContain('own-past');
  expect(after.flatMap(({ reasons }) => reasons.map(({ rule }) => rule))).not.toContain('young-past');
  expect(after.every((one) => tierOf(one) === 'cheap')).toBe(true);
});

test('a node whose window is odd after it was not is watched in the rich tier, once', () => {
  const watched: DetectParameters = { ...PARAMETERS, turnRatio: 0, watchedWindows: 10, turnWindows: 0 };
  const world = new StageWorld(DECLARED, watched, AUTO);
  for (let sequence = 1; sequence <= 40 * 6; sequence++) {
    const node_power_watts = sequence > 60 ? 900 : 500;
    for (const node of ['n1', 'n3']) world.frame(frame({ node, sequence }));
    world.frame(
      frame({
        node: 'n2',
        sequence,
        entities: [row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts })],
      }),
    );
  }
  const tiers = world.assessments.filter(({ node }) => node === 'n2').map(tierOf);
  expect(tiers.slice(0, 11)).not.toContain('rich');
  // The two at the ends were gathered in both tiers.
  expect(tiers.filter((tier) => tier === 'rich')).toHaveLength(7);
  expect(tiers.slice(25)).not.toContain('rich');
});

test('there is no room for more guests than the share allows', () => {
  const world = new StageWorld(register([]), { ...PARAMETERS, turnRatio: 0 }, { ...AUTO, richEntities: 4 });
  for (let sequence = 1; sequence <= 12; sequence++) {
    for (let node = 0; node < 10; node++) world.frame(frame({ node: `n${node}`, sequence }));
  }
  expect(world.assessments.map(tierOf).filter((tier) => tier === 'rich')).toHaveLength(6);
});

test('a bound on what the cheap tier does not keep is not judged, and it says so', () => {
  const bounds = [{ metric: 'cpu_temperature_celsius', min: null, max: 60 }];
  const world = new StageWorld(register(['n1'], [declaration(['n1'], bounds)]), PARAMETERS, CHEAP);
  const entities = [row('host', 0, { cpu_utilization_ratio: 0.5, cpu_temperature_celsius: 90 })];
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence, entities }));
  const [said] = world.assessments;
  expect(said?.conformity).toBe('cannot tell');
  expect(said?.unseen[0]).toBe(
    'cpu_temperature_celsius is declared, and the cheap tier does not keep it: the bound was not judged.',
  );
});

test('turns come to every node, at hours and minutes that another key does not tell', () => {
  const hours = 24 * 14;
  const turnsOf = (key: string, node: string) => {
    const world = new StageWorld(register([]), PARAMETERS, { mode: 'auto', richEntities: 0, key });
    const rich: number[] = [];
    for (let minute = 1; minute <= hours * 60; minute += 10) {
      const sequence = Math.ceil(minute / 10);
      world.frame(frame({ node, sequence, endMs: START_MS + minute * 60_000, boot: bootName('b') }));
    }
    for (const one of world.assessments) if (tierOf(one) === 'rich') rich.push(one.windowEndMs);
    return rich;
  };
  const [one, other, another] = [turnsOf('a', 'n1'), turnsOf('b', 'n1'), turnsOf('a', 'n2')];
  expect(one.length).toBeGreaterThan(6 * 4);
  expect(one.length).toBeLessThan(6 * 40);
  expect(one).not.toEqual(other);
  expect(one).not.toEqual(another);
});

test('cheap windows keep what the summary of stage 2 is read for', () => {
  const cheap = new Tier('cheap');
  const kept = LAYOUTS.host.metrics.filter(({ core }) => core).map(({ name }) => name);
  for (const name of kept) {
    const index = cheap.host.metrics.findIndex((metric) => metric.name === name);
    expect(cheap.host.places[index], name).toBeGreaterThanOrEqual(0);
  }
});
