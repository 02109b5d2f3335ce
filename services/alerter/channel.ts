import type { Notice } from '#libs/ledger/alert-port.ts';
import type { Digest } from './digest.ts';

/** A way by which people are told. */
export interface Channel {
  /** `webhook`, `mail`, `alertmanager`. */
  readonly name: string;
  /** Where it leads, without secrets: a host, an address of mail. */
  readonly target: string;
  /** Resolves when the receiver has acknowledged. @throws DeliveryError */
  deliver(notice: Notice): Promise<void>;
  /** Absent: this channel carries no digests. @throws DeliveryError */
  digest?(digest: Digest): Promise<void>;
  /** Set: the receiver forgets, and is told of what is open again after so many milliseconds. */
  readonly repeatMs?: number;
}
