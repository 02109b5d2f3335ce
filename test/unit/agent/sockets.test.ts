import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FlowBook, peerHash } from '#services/agent/collect/sockets.ts';
import { SockDiag, splitMessages } from '#services/agent/netlink.ts';
import { AF_INET, dumpRequest, parseConnection, type TcpConnection } from '#services/agent/tcp-connection.ts';

/** Captured on Linux 6.18: a loopback connection that sent 1,000 bytes and received 300. */
const CAPTURED = Buffer.from(
  '02010000b2f3b9ee7f0000010000000000000000000000007f000001000000000000000000000000000000001f000000000000000000' +
    '00002c010000000000000000000075330300050008000000000008000f00000000000c001500010000000000000006001600520000001c01' +
    '0200010000000007aa01e01c0300409c0000008a000018020000000000000000000000000000000000000000000040030000000000004003' +
    '000040030000ffff0000cbff00001000000009000000ffffff7f0b000000cbff00000300000000000000cbff000000000000e39bf71c0c00' +
    '0000ffffffffffffffffe8030000000000002c01000000000000020000000400000000000000060000000100000001000000',
  'hex',
);
const SECRET = Buffer.alloc(32, 1);

function connection(cookie: number, bytesUp: number, bytesDown: number): TcpConnection {
  return {
    cookie,
    remote: `c000${cookie.toString(16).padStart(4, '0')}01bb`,
    local: false,
    bytesUp,
    bytesDown,
  };
}

test('reads a connection as the kernel describes it', () => {
  expect(parseConnection(CAPTURED)).toEqual({
    cookie: 0x1f,
    remote: '7f000001b9ee',
    local: true,
    bytesUp: 1000,
    bytesDown: 300,
  });
});

test('a message without byte counts is no connection', () => {
  expect(parseConnection(CAPTURED.subarray(0, 72))).toBeNull();
  expect(parseConnection(CAPTURED.subarray(0, 40))).toBeNull();
});

test('a refusal of the kernel is an error, the end of a dump its end', () => {
  const answer = (type: number, body: number[]) => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(16 + body.length, 0);
    header.writeUInt16LE(type, 4);
    return Buffer.concat([header, Buffer.from(body)]);
  };
  const taken: string[] = [];
  const take = (message: Buffer) => taken.push(message.toString('hex'));
  expect(splitMessages(Buffer.concat([answer(20, [1, 2, 3, 4]), answer(20, [5, 6, 7, 8])]), take)).toBe(
    false,
  );
  expect(splitMessages(answer(3, []), take)).toBe(true);
  expect(taken).toEqual(['01020304', '05060708']);
  // -1: EPERM
  expect(() => splitMessages(answer(2, [0xff, 0xff, 0xff, 0xff]), take)).toThrow(/errno 1/);
});

test('finds a connection of this machine with the bytes that went over it', async () => {
  const server = createServer((socket) => socket.write('x'.repeat(5_000))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  await once(client, 'data');
  const found: TcpConnection[] = [];
  const diagnosis = new SockDiag();
  diagnosis.dump(dumpRequest(AF_INET), (message) => {
    const each = parseConnection(message);
    if (each) found.push(each);
  });
  diagnosis.close();
  const remote = `7f000001${port.toString(16).padStart(4, '0')}`;
  expect(found.find((each) => each.remote === remote)).toMatchObject({ local: true, bytesDown: 5_000 });
});

test('a connection is reported once it has been seen for long enough, with what went over it since the last frame', () => {
  const book = new FlowBook({ longLivedSeconds: 10, secret: SECRET });
  book.look([connection(1, 500, 900)], 0);
  expect(book.frame(9)).toEqual({ longLived: 0, flows: [] });
  book.look([connection(1, 600, 900)], 10);
  book.look([connection(1, 600, 950)], 11);
  const peer = peerHash(SECRET, connection(1, 0, 0).remote);
  expect(book.frame(11).flows).toEqual([
    { peer, ageSeconds: 11, bytesUp: 100, bytesDown: 50, activeSecondsUp: 10, activeSecondsDown: 1 },
  ]);
  book.look([connection(1, 600, 950)], 12);
  expect(book.frame(12).flows).toMatchObject([
    { bytesUp: 0, bytesDown: 0, activeSecondsUp: 0, activeSecondsDown: 0 },
  ]);
});

test('a connection that is gone is forgotten, and the same address anew is young', () => {
  const book = new FlowBook({ longLivedSeconds: 10, secret: SECRET });
  book.look([connection(1, 0, 0)], 0);
  book.look([], 20);
  book.look([{ ...connection(2, 0, 0), remote: connection(1, 0, 0).remote }], 21);
  expect(book.frame(22).longLived).toBe(0);
});

test('a machine with many connections is looked at less often', () => {
  const book = new FlowBook({ longLivedSeconds: 10, secret: SECRET });
  book.look([connection(1, 0, 0)], 0);
  expect(book.due(1)).toBe(true);
  book.look(
    Array.from({ length: 2_000 }, (_, i) => connection(i, 0, 0)),
    1,
  );
  expect(book.due(4)).toBe(false);
  expect(book.due(6)).toBe(true);
});

test('an address looks the same on one node only', () => {
  expect(peerHash(SECRET, 'c000020101bb')).toMatch(/^[0-9a-f]{16}$/);
  expect(peerHash(SECRET, 'c000020101bb')).toBe(peerHash(SECRET, 'c000020101bb'));
  expect(peerHash(Buffer.alloc(32, 2), 'c000020101bb')).not.toBe(peerHash(SECRET, 'c000020101bb'));
});
