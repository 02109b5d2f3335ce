import type { FrameMessage } from '#libs/model/batch.ts';

/** Where an agent's frames leave the node. */
export interface Outlet {
  /**
   * Resolves when every frame is durable on the other side. Keeps the order. On rejection some may have arrived:
   * the same bytes are sent again.
   *
   * Rejects with `BusUnavailableError` (retryable), `MessageTooLargeError` (a batch to be split) or
   * `GatewayRefusedError` (credential or form: a person must act).
   */
  send(frames: readonly OutgoingFrame[]): Promise<void>;
}

export interface OutgoingFrame extends FrameMessage {
  readonly node: string;
}
