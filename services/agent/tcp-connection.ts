/** Layouts of linux/{netlink,sock_diag,inet_diag,tcp}.h, little-endian; addresses and ports in network order. */
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const IPPROTO_TCP = 6;
const INET_DIAG_INFO = 2;
const TCP_ESTABLISHED = 1;
const REQUEST_BYTES = 72;
const DIAG_BYTES = 72;
const INFO_BYTES_ACKED = 120;
const INFO_BYTES_RECEIVED = 128;
const ATTRIBUTE_HEADER_BYTES = 4;

export const AF_INET = 2;
export const AF_INET6 = 10;

export interface TcpConnection {
  /** The kernel's own name of the socket: never used twice while the machine runs. */
  readonly cookie: number;
  /** Remote address (4 or 16 bytes) and port (2 bytes), network order, hex. */
  readonly remote: string;
  /** Both ends on this machine. */
  readonly local: boolean;
  /** Sent and acknowledged by the other side. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** The request for all established TCP connections of a family, with their `tcp_info`. */
export function dumpRequest(family: typeof AF_INET | typeof AF_INET6): Uint8Array {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request.writeUInt8(family, 16);
  request.writeUInt8(IPPROTO_TCP, 17);
  request.writeUInt8(1 << (INET_DIAG_INFO - 1), 18);
  request.writeUInt32LE(1 << TCP_ESTABLISHED, 20);
  return request;
}

/** Parses one `inet_diag_msg` with its attributes; null where the kernel gave no `tcp_info` with byte counts. */
export function parseConnection(message: Buffer): TcpConnection | null {
  if (message.length < DIAG_BYTES) return null;
  const info = attribute(message, INET_DIAG_INFO);
  if (info === null || info.length < INFO_BYTES_RECEIVED + 8) return null;
  const addressEnd = message.readUInt8(0) === AF_INET6 ? 16 : 4;
  const source = message.subarray(8, 8 + addressEnd);
  const destination = message.subarray(24, 24 + addressEnd);
  return {
    cookie: message.readUInt32LE(44) + message.readUInt32LE(48) * 2 ** 32,
    remote: destination.toString('hex') + message.toString('hex', 6, 8),
    local: source.equals(destination) || isLoopback(destination),
    bytesUp: Number(info.readBigUInt64LE(INFO_BYTES_ACKED)),
    bytesDown: Number(info.readBigUInt64LE(INFO_BYTES_RECEIVED)),
  };
}

function attribute(message: Buffer, wanted: number): Buffer | null {
  for (let at = DIAG_BYTES; at + ATTRIBUTE_HEADER_BYTES <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES) return null;
    if (message.readUInt16LE(at + 2) === wanted)
      return message.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length);
    at += (length + 3) & ~3;
  }
  return null;
}

/** 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104. */
function isLoopback(address: Buffer): boolean {
  if (address.length === 4) return address[0] === 127;
  const hex = address.toString('hex');
  return hex === `${'0'.repeat(31)}1` || hex.startsWith('00000000000000000000ffff7f');
}
