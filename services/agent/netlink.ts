import { constants, endianness } from 'node:os';
import koffi from 'koffi';
import { SourceAbsentError } from '#libs/runtime/errors.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
const RECEIVE_BYTES = 65_536;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_HEADER_BYTES = 16;

type Socket = (domain: number, type: number, protocol: number) => number;
type Transfer = (descriptor: number, data: Uint8Array, length: number, flags: number) => number | bigint;
type Close = (descriptor: number) => number;

interface Libc {
  readonly socket: Socket;
  readonly send: Transfer;
  readonly recv: Transfer;
  readonly close: Close;
}

/**
 * A netlink socket to the kernel's `sock_diag`, by FFI: Node has none of its own. Unprivileged, no process started.
 * Requests are dumps; the kernel fills the answer while it is being read, so that reading never waits.
 */
export class SockDiag {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);

  /** @throws SourceAbsentError where the C library or the socket is not to be had. */
  constructor() {
    if (endianness() !== 'LE') throw new SourceAbsentError('sock_diag: expected a little-endian machine');
    this.#libc = openLibc();
    this.#descriptor = this.#libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (this.#descriptor < 0)
      throw new SourceAbsentError(`sock_diag: expected a socket, got errno ${koffi.errno()}`);
  }

  /**
   * Sends a dump request and hands over the body of every answer; the bytes are valid during the call only.
   * @throws SourceAbsentError when the kernel refuses.
   */
  dump(request: Uint8Array, take: (message: Buffer) => void): void {
    if (Number(this.#libc.send(this.#descriptor, request, request.length, 0)) < 0)
      throw this.#failure('send');
    for (;;) {
      const length = Number(this.#libc.recv(this.#descriptor, this.#buffer, RECEIVE_BYTES, MSG_DONTWAIT));
      if (length < 0) throw this.#failure('receive');
      if (splitMessages(this.#buffer.subarray(0, length), take)) return;
    }
  }

  close(): void {
    this.#libc.close(this.#descriptor);
  }

  #failure(act: string): SourceAbsentError {
    const errno = koffi.errno();
    const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
    return new SourceAbsentError(`sock_diag: could not ${act}, ${name ?? errno}`);
  }
}

/**
 * Hands over the body of every netlink message of a datagram.
 * @returns true after the last message of a dump.
 * @throws SourceAbsentError for a message that is an error.
 */
export function splitMessages(datagram: Buffer, take: (message: Buffer) => void): boolean {
  for (let at = 0; at + NLMSG_HEADER_BYTES <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    const type = datagram.readUInt16LE(at + 4);
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR || length < NLMSG_HEADER_BYTES) {
      throw new SourceAbsentError(`sock_diag: the kernel answered errno ${errorOf(datagram, at)}`);
    }
    take(datagram.subarray(at + NLMSG_HEADER_BYTES, Math.min(at + length, datagram.length)));
    at += (length + 3) & ~3;
  }
  return false;
}

function errorOf(datagram: Buffer, at: number): number {
  return at + 20 <= datagram.length ? -datagram.readInt32LE(at + NLMSG_HEADER_BYTES) : Number.NaN;
}

let libc: Libc | undefined;

/** Loaded once: a second declaration of the same functions would only cost memory. */
function openLibc(): Libc {
  if (libc) return libc;
  try {
    // null: the symbols of the process itself, whatever C library it is linked with.
    const library = koffi.load(null);
    libc = {
      socket: library.func('int socket(int, int, int)') as unknown as Socket,
      send: library.func('intptr_t send(int, const void *, size_t, int)') as unknown as Transfer,
      recv: library.func('intptr_t recv(int, void *, size_t, int)') as unknown as Transfer,
      close: library.func('int close(int)') as unknown as Close,
    };
    return libc;
  } catch (cause) {
    throw new SourceAbsentError('sock_diag: expected the functions of the C library', { cause });
  }
}
