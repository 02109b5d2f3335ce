import type { AlertHead } from '#libs/casework/alert-life.ts';
import type { Delivery } from '#libs/ledger/alert-port.ts';

/** What became of alerts in a period, for people who read once a day. */
export interface Digest {
  /** Unix ms; the end is not included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Opened in the period, whatever became of them. */
  readonly opened: readonly AlertHead[];
  readonly resolved: readonly AlertHead[];
  /** Not resolved at the end of the period, whenever they opened. */
  readonly open: readonly AlertHead[];
  /** Deliveries that have failed and are tried again. */
  readonly failing: readonly Delivery[];
}
