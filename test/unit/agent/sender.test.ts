import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createCounters } from '#libs/runtime/counters.ts';
import { BusUnavailableError, GatewayRefusedError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import type { OutgoingFrame } from '#services/agent/outlet.ts';
import { Sender } from '#services/agent/sender.ts';
import { Spool } from '#services/agent/spool.ts';
import { eventually } from '#test/support/eventually.ts';
import { temporaryFolder } from './tree.ts';

/** A sender before an outlet of our own making. */
function world(send: (frames: readonly OutgoingFrame[]) => void, replayFramesPerSecond = 100_000) {
  const spool = new Spool(temporaryFolder(), 1_048_576);
  const counters = createCounters();
  const limits = { node: 'n', replayFramesPerSecond, stopMs: 500 };
  const outlet = { send: async (frames: readonly OutgoingFrame[]) => send(frames) };
  const sender = new Sender(spool, outlet, limits, { counters, log: createLogger('agent', 'silent') });
  const append = (from: number, to: number, bytes = 10) => {
    for (let sequence = from; sequence <= to; sequence++) {
      spool.append({ headers: { node: 'n', seq: String(sequence) }, payload: new Uint8Array(bytes) });
    }
    sender.notify();
  };
  const empty = () =>
    eventually(
      'an empty spool',
      async () => spool.waiting,
      (waiting) => waiting === 0,
      5_000,
      5,
    );
  return { spool, counters, sender, append, empty };
}

const numbers = (frames: readonly OutgoingFrame[]) => frames.map(({ headers }) => Number(headers.seq));

test('sends what waits, then what is appended, each once and in order', async () => {
  const arrived: number[] = [];
  const w = world((frames) => arrived.push(...numbers(frames)));
  w.append(1, 3);
  w.sender.start();
  await w.empty();
  w.append(4, 5);
  await w.empty();
  await w.sender.stop();
  expect(arrived).toEqual([1, 2, 3, 4, 5]);
  expect(w.counters.value('agent_frames_sent_total')).toBe(5);
});

test('tries a batch again until it is taken, whatever the reason', async () => {
  const failures = [new BusUnavailableError('away'), new GatewayRefusedError('403'), new TypeError('odd')];
  const arrived: number[] = [];
  const w = world((frames) => {
    const failure = failures.shift();
    if (failure) throw failure;
    arrived.push(...numbers(frames));
  });
  w.append(1, 2);
  w.sender.start();
  await w.empty();
  await w.sender.stop();
  expect(arrived).toEqual([1, 2]);
  expect(w.counters.value('agent_send_failures_total')).toBe(3);
});

test('splits a batch that is too large, and drops a single frame that is', async () => {
  const arrived: number[] = [];
  const w = world((frames) => {
    const bytes = frames.reduce((sum, { payload }) => sum + payload.length, 0);
    if (bytes > 250) throw new MessageTooLargeError(`${bytes} bytes`);
    arrived.push(...numbers(frames));
  });
  w.append(1, 6, 100);
  w.append(7, 7, 300);
  w.append(8, 8, 100);
  w.sender.start();
  await w.empty();
  await w.sender.stop();
  expect(arrived).toEqual([1, 2, 3, 4, 5, 6, 8]);
  expect(w.spool.dropped).toBe(1);
});

test('catches up at a bounded rate', async () => {
  const w = world(() => undefined, 2_000);
  w.append(1, 1_100);
  const startMs = performance.now();
  w.sender.start();
  await w.empty();
  await w.sender.stop();
  // Two waits: after 500 frames and after 1,000.
  expect(performance.now() - startMs).toBeGreaterThan(490);
});

test('a stop does not wait for an outlet that is away, and what waits stays', async () => {
  const w = world(() => {
    throw new BusUnavailableError('away');
  });
  w.append(1, 3);
  w.sender.start();
  await sleep(50);
  const startMs = performance.now();
  await w.sender.stop();
  expect(performance.now() - startMs).toBeLessThan(700);
  expect(w.spool.waiting).toBe(3);
});
