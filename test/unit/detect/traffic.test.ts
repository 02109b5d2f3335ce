import { expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { networkSight, readTraffic, TRAFFIC_FEATURES } from '#libs/detect/evidence/traffic.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { SHIPPED_CALIBRATION } from '#libs/detect/explained/calibration.ts';
import { isMeasured, separationAnswer, separationSentence } from '#libs/detect/explained/separation.ts';
import { assessRun, type OfflineFrame } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { onGpus } from '#libs/traces/simulate/mixture.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowComputeBound } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { inferenceBatch, inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { withDecoyTraffic } from '#libs/traces/simulate/wrappers.ts';
import { declaration, row, START_MS, sha256 } from './world.ts';

const TRAFFIC = TRAFFIC_FEATURES.map(({ name }) => name);
const scorer = new Scorer(SHIPPED_MODEL, PARAMETERS);

/** A minute of one host with these gauges and of some busy GPUs. */
function minute(
  host: Readonly<Record<string, number>>,
  gpus = 2,
): { samples: number; entities: EntityRow[] }[] {
  const entities = [
    row('host', 0, host),
    ...Array.from({ length: gpus }, (_, index) => row('gpu', index, { gpu_sm_active_ratio: 0.9 })),
  ];
  return Array.from({ length: 6 }, () => ({ samples: 10, entities }));
}

/** Traffic's features of such a minute, by name. */
function featuresOf(host: Readonly<Record<string, number>>, gpus = 2): Readonly<Record<string, number>> {
  const [values = new Float64Array()] = windowFeatures(minute(host, gpus));
  return Object.fromEntries(
    FEATURES.flatMap(({ name }, index) =>
      TRAFFIC.includes(name) ? [[name, values[index] ?? Number.NaN] as const] : [],
    ),
  );
}

function framesOf(workload: Workload, hardware: Hardware, leave: (name: string) => boolean = () => false) {
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: 'n1', hardware, shifts, flows: false, seed: 5 });
  return Array.from({ length: 18 }, (_, index): OfflineFrame => {
    const endMs = START_MS + (index + 1) * 10_000;
    const { samples, entities } = machine.interval(endMs, 10_000);
    for (const { kind, gauges } of entities)
      LAYOUTS[kind].gauges.forEach(({ name }, ordinal) => {
        if (leave(name)) gauges[ordinal] = Number.NaN;
      });
    return { endMs, samples, entities };
  });
}

function assessed(frames: readonly OfflineFrame[]) {
  const inForce = { ...declaration(['n1'], []), behaviours: ['B0', 'B1', 'B2', 'B3'] as const };
  const run = { node: 'n1', site: 's1', declaration: inForce, frames };
  const [, newest] = assessRun(run, PARAMETERS, sha256).filter(({ heartbeat }) => heartbeat === 'present');
  if (newest === undefined) throw new Error('expected an assessment');
  return newest;
}

const ofTraffic = (name: string) => /^(network|fabric|disk)_/.test(name);

test('traffic is shared out to the GPUs that work, and a share of it is what is sent', () => {
  const rates = { network_transmit_bytes_per_second: 90_000, network_receive_bytes_per_second: 10_000 };
  expect(featuresOf(rates, 2).network).toBeCloseTo(Math.log10(50_100), 4);
  expect(featuresOf(rates, 4).network).toBeCloseTo(Math.log10(25_100), 4);
  expect(featuresOf(rates)['network-sent']).toBeCloseTo(0.9, 6);
});

test('bursts vary more than a steady stream of as many bytes', () => {
  const sent = { network_transmit_bytes_per_second: 1e4, network_receive_bytes_per_second: 1e3 };
  const burst = featuresOf({ ...sent, network_transmit_bytes_per_second_sd: 3e4 });
  const steady = featuresOf({ ...sent, network_transmit_bytes_per_second_sd: 1e3 });
  expect(burst['network-variation']).toBeCloseTo(3, 5);
  expect(steady['network-variation']).toBeCloseTo(0.1, 5);
});

test('what a host does not report says nothing, and neither do counters that stand still', () => {
  const still = { network_transmit_bytes_per_second: 0, network_receive_bytes_per_second: 0 };
  expect([...readTraffic(null, 2)].every(Number.isNaN)).toBe(true);
  expect(Object.values(featuresOf({ cpu_utilization_ratio: 0.1 })).every(Number.isNaN)).toBe(true);
  for (const name of ['network', 'network-sent', 'network-variation'])
    expect(featuresOf(still)[name]).toBeNaN();
  expect(networkSight(null)).toBe('missing');
  const bins = scorer.bins(new Float64Array(FEATURES.length).fill(Number.NaN));
  expect(bins.every((bin) => bin === -1)).toBe(true);
});

test('so little traffic that shares of it mean nothing has a size alone', () => {
  const few = { network_transmit_bytes_per_second: 60, network_receive_bytes_per_second: 40 };
  expect(featuresOf(few).network).toBeCloseTo(Math.log10(150), 4);
  expect(featuresOf(few)['network-sent']).toBeNaN();
});

test.each([trainingDataParallel, inferenceOnRequest(), inferenceBatch])(
  'the traffic of simulated $name, seen or not, accuses nobody',
  (workload) => {
    for (const leave of [() => false, ofTraffic])
      expect(assessed(framesOf(workload, HARDWARE.a100x8, leave)).conformity).not.toBe('deviates');
  },
);

test('the trickle of a pool speaks for proof-of-work where integers cannot be told', () => {
  const seen = assessed(framesOf(matmulPow, HARDWARE.a100x8));
  const unseen = assessed(framesOf(matmulPow, HARDWARE.a100x8, ofTraffic));
  expect(seen.behaviours.B5 ?? 0).toBeGreaterThan(unseen.behaviours.B5 ?? 0);
  expect(seen.conformity).toBe('deviates');
});

test('traffic made up beside it weakens what counters say, and does not clear it', () => {
  const plain = assessed(framesOf(matmulPow, HARDWARE.h100x8));
  const decoy = assessed(framesOf(withDecoyTraffic(matmulPow), HARDWARE.h100x8));
  expect(decoy.behaviours.B5 ?? 0).toBeLessThanOrEqual(plain.behaviours.B5 ?? 0);
  expect(decoy.conformity).toBe('deviates');
});

test('traffic counts once for a node, however many GPUs it has', () => {
  const gained = (gpus: number) => {
    const hardware = { ...HARDWARE.a100x8, gpus };
    const one = (leave: (name: string) => boolean) =>
      assessed(framesOf(matmulPow, hardware, leave)).behaviours;
    const odds = ({ B5 = 0 }: ReturnType<typeof one>) => Math.log(B5) - Math.log(1 - B5);
    return odds(one(() => false)) - odds(one(ofTraffic));
  };
  // Terms are bounded: five features, none above the cap, whatever the number of GPUs.
  const most = TRAFFIC.length * PARAMETERS.termCap * PARAMETERS.termDiscount;
  expect(gained(8)).toBeLessThan(most);
  expect(Math.abs(gained(8) - gained(2))).toBeLessThan(1.5);
});

test('a verdict with both candidates says what separates them and how well, by what is seen of the node', () => {
  const told = (leave?: (name: string) => boolean) =>
    assessed(framesOf(matmulPow, HARDWARE.h100x8, leave)).unseen;
  expect(told()).toContain(separationSentence('L3+N', true));
  expect(told(ofTraffic)).toContain(separationSentence('L3', true));
  expect(separationSentence('L3', true)).toContain('Traffic is not seen on this node');
  const training = assessed(framesOf(trainingDataParallel, HARDWARE.h100x8)).unseen;
  expect(training.join()).not.toContain('look alike');
});

test('the figures of the sentence are the measured ones, and for other parameters there are none', () => {
  const { levels, features } = SHIPPED_CALIBRATION.separation;
  for (const { level, steady } of levels.filter(({ level: one }) => one.startsWith('L3')))
    expect(separationSentence('L3+N', true), level).toContain(`${(100 * steady.share).toFixed(0)} of 100`);
  expect(separationSentence('L3+N', true)).toContain(features[0]?.words);
  expect(separationAnswer()).toContain('Partly');
  expect(isMeasured(SHIPPED_MODEL, PARAMETERS)).toBe(true);
  expect(isMeasured(SHIPPED_MODEL, { ...PARAMETERS, termDiscount: 1 })).toBe(false);
  expect(isMeasured({ ...SHIPPED_MODEL }, PARAMETERS)).toBe(false);
  expect(separationSentence('L3', false)).toContain('was not measured');
  expect(separationSentence('L3', false)).not.toMatch(/\d of 100/);
});

test('counters that stand still, and none at all, are named', () => {
  const without = (name: string) => name.startsWith('network_');
  expect(assessed(framesOf(trainingDataParallel, HARDWARE.h100x8, without)).unseen.join()).toContain(
    'network traffic of this host is not measured',
  );
  const frames = framesOf(trainingDataParallel, HARDWARE.h100x8);
  for (const { entities } of frames)
    for (const { kind, gauges } of entities)
      LAYOUTS[kind].gauges.forEach(({ name }, ordinal) => {
        if (without(name)) gauges[ordinal] = 0;
      });
  expect(assessed(frames).unseen.join()).toContain('stand still');
});

test('where GPUs do different work the traffic speaks for none, and the two that mine are judged by their own counters', () => {
  const divided = onGpus(hashPowComputeBound, 2, trainingDataParallel);
  const frames = framesOf(divided, HARDWARE.h100x8);
  const blinded = framesOf(divided, HARDWARE.h100x8, ofTraffic);
  const seen = assessed(frames);
  expect(seen.logOdds).toBe(assessed(blinded).logOdds);
  expect(
    seen.reasons.map(({ metric }) => metric).filter((metric) => metric !== null && ofTraffic(metric)),
  ).toEqual([]);
  expect(seen.unseen.some((text) => text.startsWith('Whose the traffic is'))).toBe(true);
});
