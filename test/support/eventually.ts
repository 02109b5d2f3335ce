import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is there; fails with the last answer, described, when the time is up. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
  deadlineMs: number,
  everyMs = 250,
): Promise<T> {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (Date.now() > endMs) {
      throw new Error(
        `${what}: not within ${deadlineMs} ms; the last answer was ${JSON.stringify(answer)?.slice(0, 2000)}`,
      );
    }
    await sleep(everyMs);
  }
}
