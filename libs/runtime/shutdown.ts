import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, DavylampError } from './errors.ts';

/** Exit status of a process whose configuration cannot be used (sysexits.h, EX_CONFIG). */
const EX_CONFIG = 78;
const DEADLINE_MS = 20_000;
/** A start that nothing holds up ends within it: then nothing is closed under its hands. */
const START_MS = 2_000;

/**
 * Runs a service until SIGINT or SIGTERM, then disposes what it opened, last opened first.
 *
 * A signal counts from the beginning, also while `start` still waits for a server: it is left two seconds to end. The
 * whole disposal has a deadline; a second signal ends the process at once. Afterwards the signal is raised again, so
 * that the exit status tells the truth. A `ConfigError` exits with 78, any other error with 1; of what we raise on purpose
 * the message is all that a person needs, of anything else the stack is shown.
 * @param finished resolves when the service has done what it was started for: then it ends without a signal. Where
 *   it rejects, the service ends as one that could not start.
 */
export async function runUntilSignal(
  start: (stack: AsyncDisposableStack) => Promise<void>,
  finished: Promise<void> = new Promise(() => undefined),
): Promise<void> {
  const stack = new AsyncDisposableStack();
  const signalled = firstSignal();
  const started = start(stack).then(() => null, wrap);
  const failure = await Promise.race([signalled.then(() => null), started]);
  if (failure !== null) {
    await stack.disposeAsync();
    fail(failure.error);
  }
  const end = await Promise.race([signalled, finished.then(() => null, wrap)]);
  setTimeout(() => {
    process.stderr.write(`shutdown took longer than ${DEADLINE_MS} ms: ending now\n`);
    process.exit(1);
  }, DEADLINE_MS).unref();
  await settledWithin(START_MS, started);
  await stack.disposeAsync();
  if (typeof end === 'string') process.kill(process.pid, end);
  else if (end !== null) fail(end.error);
}

async function settledWithin(ms: number, promise: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  await Promise.race([promise, sleep(ms, undefined, { signal: patience.signal })]);
  patience.abort();
}

/** So that an error of `undefined` is told from none. */
function wrap(error: unknown): { readonly error: unknown } {
  return { error };
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const seen = (signal: NodeJS.Signals) => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, seen);
      resolve(signal);
    };
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, seen);
  });
}

function fail(error: unknown): never {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
}

function describe(error: unknown): string {
  if (error instanceof DavylampError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
