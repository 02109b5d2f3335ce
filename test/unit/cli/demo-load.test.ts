import { expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import { ChainVerifier } from '#libs/evidence/verify.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import { writeLoad } from '#services/cli/demo/load.ts';
import { LOAD_GPUS, LoadFleet } from '#services/cli/demo/load-fleet.ts';

const BEGAN_MS = Date.UTC(2026, 10, 22, 12);
const going = new AbortController().signal;

test.each(LOAD_GPUS)('with %d GPUs a node, frames are canonical, and of their node alone', (gpus) => {
  const fleet = new LoadFleet({ nodes: 100, gpus, seed: 1, beganMs: BEGAN_MS });
  for (const index of [0, 7, 99]) {
    const message = fleet.next(index);
    const { frame, faulty } = decodeFrame(message.value);
    const digits = String(index).padStart(8, '0');
    expect(faulty).toEqual([]);
    expect(frame).toMatchObject({ node: `load-${digits}`, sequence: 1, endMs: BEGAN_MS + 10_000 });
    expect(isSimulated(frame.site)).toBe(true);
    expect(frame.entities.map(({ id }) => id)).toEqual([
      '',
      ...Array.from({ length: gpus }, (_, gpu) => `GPU-${digits}-${gpu}`),
    ]);
    expect(encodeFrame(frame)).toEqual(new Uint8Array(message.value));
    expect(message.headers).toMatchObject({ type: 'frame', node: frame.node, boot: frame.boot, seq: '1' });
  }
});

test('chains hold over 180 frames, with two good seals', () => {
  const fleet = new LoadFleet({ nodes: 3, gpus: 0, seed: 1, beganMs: BEGAN_MS });
  const verifier = new ChainVerifier();
  const outcomes = Array.from({ length: 180 }, () => {
    for (const other of [0, 2]) fleet.next(other);
    const { value, headers } = fleet.next(1);
    const { seal: signature, key } = headers ?? {};
    const seal = signature === undefined || key === undefined ? null : { signature, key };
    return verifier.step(0, decodeFrame(value).frame, value, seal);
  });
  expect(outcomes.slice(1).filter(({ joint }) => joint !== 'continuous')).toEqual([]);
  expect(outcomes.filter(({ seal }) => seal === 'good')).toHaveLength(2);
});

test('a load is written whole and in each node’s order, at the rate that was asked for', async () => {
  const sent: Outgoing[] = [];
  let written = 0;
  const bus = {
    publish: async (messages: readonly Outgoing[]) => {
      sent.push(...messages);
    },
  };
  const plan = { nodes: 50, gpus: 0, seed: 1, minutes: 1, rate: 1_000 } as const;
  const outcome = await writeLoad(bus, plan, going, (frames) => {
    written += frames;
  });
  expect(outcome).toMatchObject({ nodes: 50, frames: 300 });
  expect([sent.length, written]).toEqual([300, 300]);
  const own = sent.filter(({ key }) => key === 'load-00000007').map(({ headers }) => headers?.seq);
  expect(own).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(outcome.seconds).toBeGreaterThan(0.25);
  const last = sent.map(({ value }) => decodeFrame(value).frame.endMs).at(-1) ?? 0;
  expect(Math.abs(Date.now() - last)).toBeLessThan(20_000);
});

test('a load that is cut short says what it wrote', async () => {
  const ending = new AbortController();
  const bus = { publish: async () => ending.abort() };
  const plan = { nodes: 5_000, gpus: 0, seed: 1, minutes: 10, rate: null } as const;
  const { frames } = await writeLoad(bus, plan, ending.signal);
  expect(frames).toBeGreaterThan(0);
  expect(frames).toBeLessThan(10_000);
});
