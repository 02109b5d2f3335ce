import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const FIRST_SIZE = 16_384;
/** Shared by every file: a read is synchronous and its text is copied out before the next one. */
let buffer = Buffer.allocUnsafe(FIRST_SIZE);

/**
 * A file of /proc or /sys that is read again and again: the descriptor stays open and the kernel renders the
 * content anew for every read from position 0. Opening anew would cost three times as much.
 */
export class KernelFile {
  readonly #descriptor: number;

  /** @throws ENOENT, EACCES: the source is absent here. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  /** The whole content. @throws EIO, ENODEV: the device has gone. */
  read(): string {
    let length = 0;
    for (;;) {
      const got = readSync(this.#descriptor, buffer, length, buffer.length - length, length);
      if (got === 0) return buffer.toString('latin1', 0, length);
      length += got;
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  }

  /** The content as one decimal number, NaN where it is none. */
  readNumber(): number {
    return parseNumber(this.read());
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** One read of a file that seldom matters: text without its final line break. @throws ENOENT and others. */
export function readText(path: string): string {
  return readFileSync(path, 'latin1').trimEnd();
}

/** `"4200\n"` → 4200; empty or `max` → NaN. */
export function parseNumber(text: string): number {
  const trimmed = text.trim();
  return trimmed === '' ? Number.NaN : Number(trimmed);
}
