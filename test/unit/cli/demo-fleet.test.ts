import { expect, test } from 'vitest';
import { decodeFrame } from '#libs/model/decode.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import { makeFleet } from '#services/cli/demo/fleet.ts';

const BEGAN_MS = Date.UTC(2026, 10, 22, 12);
const STEP_MS = 10_000;

const firstFrames = (seed: number) =>
  makeFleet(60, seed, BEGAN_MS).nodes.map(({ voices }) => voices[0]?.agent.frame(BEGAN_MS + STEP_MS));

test.each([40, 200, 1_000])('a fleet of %d nodes has that many, each under its own name and key', (count) => {
  const { nodes } = makeFleet(count, 1, BEGAN_MS);
  expect(nodes).toHaveLength(count);
  expect(new Set(nodes.map(({ name }) => name)).size).toBe(count);
  expect(new Set(nodes.map(({ keys }) => keys.publicKey)).size).toBe(count);
});

test('every site is a simulated one, and there are three', () => {
  const sites = new Set(makeFleet(200, 1, BEGAN_MS).tenancies.map(({ site }) => site));
  expect(sites.size).toBe(3);
  expect([...sites].filter((site) => !isSimulated(site))).toEqual([]);
});

test('the same seed says the same bytes, another says others', () => {
  expect(firstFrames(1)).toEqual(firstFrames(1));
  expect(firstFrames(1)).not.toEqual(firstFrames(2));
});

test('frames are numbered and chained, and every 90th is sealed', () => {
  const [voice] = makeFleet(40, 1, BEGAN_MS).nodes[0]?.voices ?? [];
  const messages = Array.from({ length: 90 }, (_, step) =>
    voice?.agent.frame(BEGAN_MS + (step + 1) * STEP_MS),
  );
  const frames = messages.map((message) => decodeFrame(message?.value ?? new Uint8Array()).frame);
  expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 90 }, (_, i) => i + 1));
  expect(messages.map((message) => message?.headers?.seal !== undefined)).toEqual([
    ...Array(89).fill(false),
    true,
  ]);
});

test('the office’s night begins three minutes into the story, wherever the clock stands', () => {
  for (const hour of [0, 7, 19, 23]) {
    const { nodes } = makeFleet(200, 1, Date.UTC(2026, 10, 22, hour));
    const pc = nodes.find(({ name }) => name === 'pc-001');
    const cpuAt = (minute: number) => {
      const { entities } = pc?.voices[0]?.agent.machine.interval(
        Date.UTC(2026, 10, 22, hour, minute, 10),
        STEP_MS,
      ) ?? { entities: [] };
      return entities[0]?.gauges[0] ?? Number.NaN;
    };
    expect(cpuAt(2)).toBeLessThan(0.5);
    expect(cpuAt(4)).toBeGreaterThan(0.9);
  }
});
