import { expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { binOf } from '#libs/detect/evidence/model.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { assessRun } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { anchorOf, isSynthetic, plotOf } from '#services/console/web/decides/anchor.ts';
import { binWords, chance, signed } from '#services/console/web/decides/bins.ts';
import { declaration, START_MS, sha256 } from '#test/unit/detect/world.ts';

/** What speaks for and against a behaviour of a simulated machine, as verdicts word it. */
function groundsOf(workload: Parameters<typeof shiftOf>[0]) {
  const shifts = [shiftOf(workload)];
  const machine = new Machine({ name: 'n1', hardware: HARDWARE.h100x8, shifts, flows: false, seed: 3 });
  const frames = Array.from({ length: 18 }, (_, index) => {
    const endMs = START_MS + (index + 1) * 10_000;
    return { endMs, ...machine.interval(endMs, 10_000) };
  });
  const run = { node: 'n1', site: 's1', declaration: declaration(['n1'], []), frames };
  return assessRun(run, PARAMETERS, sha256).flatMap(({ reasons, counterReasons }) => [
    ...reasons,
    ...counterReasons,
  ]);
}

const shiftOf = (workload: typeof hashPowMemoryHard) => ({ fromMs: Number.NEGATIVE_INFINITY, workload });

test('every ground of a behaviour leads to the plot of its feature, and no other ground does', () => {
  const anchors = new Map(FEATURES.map(({ words, metric }) => [`/decides#${anchorOf(words)}`, metric]));
  expect(anchors.size).toBe(FEATURES.length);
  const grounds = [...groundsOf(hashPowMemoryHard), ...groundsOf(trainingDataParallel)];
  const behaviours = grounds.filter(({ rule }) => rule === 'behaviour');
  expect(behaviours.length).toBeGreaterThan(4);
  for (const ground of behaviours) expect(anchors.get(plotOf(ground) ?? ''), ground.text).toBe(ground.metric);
  const others = grounds.filter(({ rule }) => rule !== 'behaviour');
  expect(others.length).toBeGreaterThan(0);
  expect(others.map(plotOf).filter((plot) => plot !== null)).toEqual([]);
});

test('evidence learnt from simulated machines is told from what recordings of hosts and other rules say', () => {
  const grounds = [...groundsOf(hashPowMemoryHard), ...groundsOf(trainingDataParallel)];
  for (const ground of grounds) expect(isSynthetic(ground), ground.text).toBe(ground.rule === 'behaviour');
  const ofHost = HOST_FEATURES.map(({ words }) => ({
    rule: 'behaviour',
    text: `${words} of host was 0.2: …`,
  }));
  expect(ofHost.filter(isSynthetic)).toEqual([]);
  const ofNode = FEATURES.map(({ words }) => ({ rule: 'behaviour', text: `${words} of host was 0.2: …` }));
  expect(ofNode.filter((ground) => !isSynthetic(ground))).toEqual([]);
  expect(['sequential', 'envelope'].map((rule) => isSynthetic({ rule, text: '' }))).toEqual([true, false]);
});

test('a ground whose words are unknown leads nowhere', () => {
  expect(plotOf({ rule: 'behaviour', text: 'something else' })).toBeNull();
});

test('every bin has words of its own, in the unit of its feature', () => {
  const words = (name: string) => {
    const index = FEATURES.findIndex((feature) => feature.name === name);
    const edges = SHIPPED_MODEL.features[index]?.edges ?? [];
    return binWords({ edges: [...edges], unit: FEATURES[index]?.unit ?? 'number' }).map((bin) =>
      bin.replaceAll('\u00a0', ' '),
    );
  };
  expect(words('sm')[binOf([0.01, 0.03], 0.02)]).toBe('1 % to 3 %');
  expect(words('sm').at(0)).toBe('below 1 %');
  expect(words('sm').at(-1)).toBe('97 % and more');
  expect(words('pcie').slice(0, 2)).toEqual(['below 200 kB/s', '200 kB/s to 631 kB/s']);
  expect(words('sm-variation')[1]).toBe('0.005 to 0.01');
  for (const { name } of FEATURES) expect(new Set(words(name)).size).toBe(words(name).length);
});

test('small chances keep a decimal, and nothing is written as plus nothing', () => {
  expect([chance(0.0026), chance(0.6081)]).toEqual(['0.3 %', '61 %']);
  expect([signed(2.41), signed(-0.3), signed(0.01), signed(-0.04)]).toEqual(['+2.4', '−0.3', '0.0', '0.0']);
});
