import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCounters } from '#libs/runtime/counters.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { Sender } from '#services/agent/sender.ts';
import { Spool } from '#services/agent/spool.ts';
import { eventually } from '#test/support/eventually.ts';
import { NODE, type OutletWorld, sequences, someFrames } from './world.ts';

/** What every outlet owes the agent. @param awayMs how long the other side is away in the outage. */
export function outletContract(
  open: (stack: AsyncDisposableStack) => Promise<OutletWorld>,
  awayMs: number,
): void {
  let stack: AsyncDisposableStack;
  let world: OutletWorld;
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    world = await open(stack);
  });
  afterEach(() => stack.disposeAsync());

  test('delivers frames in order, bytes and headers unchanged', async () => {
    const frames = someFrames(120);
    await world.outlet.send(frames.slice(0, 50));
    await world.outlet.send(frames.slice(50));
    expect(await world.bus.frames()).toEqual(frames);
  });

  test('delivers the same bytes again when they are sent again', async () => {
    const frames = someFrames(3);
    await world.outlet.send(frames);
    await world.outlet.send(frames);
    expect(await world.bus.frames()).toEqual([...frames, ...frames]);
  });

  test('refuses retryably while the other side is away, and takes the same frames afterwards', async () => {
    const frames = someFrames(5);
    await world.outlet.send(frames.slice(0, 2));
    await world.goAway();
    await expect(world.outlet.send(frames.slice(2))).rejects.toSatisfy(
      (error) => error instanceof BusUnavailableError && error.retryable,
    );
    await world.comeBack();
    await world.outlet.send(frames.slice(2));
    expect(await world.bus.frames()).toEqual(frames);
  });

  test(`loses nothing when the other side is away for ${awayMs / 1000} s, and keeps the order`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'davylamp-spool-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const spool = stack.adopt(new Spool(folder, 1_048_576), (it) => it.close());
    const surroundings = { counters: createCounters(), log: createLogger('agent', 'silent') };
    const limits = { node: NODE, replayFramesPerSecond: 10_000, stopMs: 1_000 };
    const sender = stack.adopt(new Sender(spool, world.outlet, limits, surroundings), (it) => it.stop());
    const frames = someFrames(60);
    const append = (from: number, to: number) => {
      for (const frame of frames.slice(from, to)) spool.append(frame);
      sender.notify();
    };

    sender.start();
    append(0, 20);
    await eventually(
      'the first frames',
      () => world.bus.frames(),
      (seen) => seen.length === 20,
      5_000,
      20,
    );
    await world.goAway();
    append(20, 40);
    await sleep(awayMs);
    append(40, 60);
    await world.comeBack();
    const seen = await eventually(
      'all frames',
      () => world.bus.frames(),
      (all) => all.length >= 60,
      10_000,
      50,
    );
    expect([...new Set(sequences(seen))]).toEqual(sequences(frames));
    expect(spool.dropped).toBe(0);
  });
}
