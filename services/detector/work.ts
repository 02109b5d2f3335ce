import type { Delivered, Outgoing } from '#libs/bus/port.ts';
import type { Counters } from '#libs/runtime/counters.ts';

/** One stage of the detector for one partition: what it does with a record, and its state as bytes. */
export interface Work {
  /** Takes one record in; what it causes is handed to the `emit` it was made with. Unreadable ones are counted. */
  take(topic: string, record: Delivered): void;
  /** The whole state, in pieces that are not copied: use them before the next record. */
  dump(): readonly Uint8Array[];
  /** Becomes what {@link dump} gave, joined. @throws RangeError or SyntaxError for bytes that are no such state */
  restore(bytes: Uint8Array): void;
  /** Tells the counters what happened since the last time. */
  tell(counters: Counters): void;
}

export type Emit = (message: Outgoing) => void;

/** A JSON value with its length before it, to stand before raw bytes in a state. */
export function jsonBlock(value: unknown): readonly Uint8Array[] {
  const text = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return [length, text];
}

/** Reads what {@link jsonBlock} wrote. */
export function readJsonBlock(bytes: Uint8Array): { readonly value: unknown; readonly rest: Uint8Array } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = 4 + view.readUInt32LE(0);
  return { value: JSON.parse(view.toString('utf8', 4, end)), rest: bytes.subarray(end) };
}
