import { createRequire } from 'node:module';

/** The version this was read from: https://github.com/tulios/kafkajs/blob/v2.2.4/src/network/requestQueue/index.js#L303 */
const PATCHED_VERSION = '2.2.4';
/** What kafkajs waits when a request is queued without throttling. */
const CHECK_PENDING_MS = 10;

/** The part of kafkajs' request queue, one per connection, that the patch touches. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/**
 * Ends kafkajs' busy timer.
 *
 * kafkajs 2.2.4 looks for queued requests again and again, every millisecond, on every connection, even when
 * nothing is queued: 4–5 % of a core for an idle producer. A timer is needed only while something is queued;
 * what is queued later arms its own (`push`), and every answer looks at the queue as well (`fulfillRequest`).
 * @throws Error if another version of kafkajs is installed: read its request queue first.
 */
export function patchKafkajs(): void {
  const load = createRequire(import.meta.url);
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== PATCHED_VERSION) {
    throw new Error(
      `kafkajs ${version} is installed; the patch of its request queue is for ${PATCHED_VERSION}`,
    );
  }
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
}

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_PENDING_MS,
  );
}
