/**
 * Message headers of the frames topic. They repeat what the payload says about its origin, so that even a
 * poisoned payload balances in the loss ledger.
 */
export const HEADERS = {
  /** What the message is, on every topic: see {@link MessageType}. */
  type: 'type',
  node: 'node',
  boot: 'boot',
  /** Decimal sequence number. */
  sequence: 'seq',
  /** Ed25519 signature of SHA-256(payload), hex; on every {@link FRAMES_PER_SEAL}th frame and on the last of a boot. */
  seal: 'seal',
  /** The node's Ed25519 public key, raw 32 bytes, hex; beside every seal. */
  key: 'key',
} as const;

export const MESSAGE_TYPES = ['frame', 'tick', 'summary', 'assessment', 'finding', 'reading'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];
