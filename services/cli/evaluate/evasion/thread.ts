import { parentPort, workerData } from 'node:worker_threads';
import type { Request } from './threads.ts';
import { type Setup, settingFrom, WORK } from './work.ts';

/** One of the suite's threads: its worlds are made once and serve all pieces that it is given. */
const setting = settingFrom(workerData as Setup);

parentPort?.on('message', ({ kind, input }: Request) => {
  // Which input belongs to which kind is known to the sender's types alone.
  const work = WORK[kind] as (given: unknown, of: typeof setting) => unknown;
  parentPort?.postMessage(work(input, setting));
});
