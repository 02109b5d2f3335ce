import { createHmac } from 'node:crypto';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Flow } from '#libs/model/frame.ts';
import { SockDiag } from '../netlink.ts';
import { AF_INET, AF_INET6, dumpRequest, parseConnection, type TcpConnection } from '../tcp-connection.ts';
import type { Collector, CollectorSpec } from './collector.ts';

const CONNECTIONS = gaugeOrdinal('host', 'tcp_connections');
const LONG_LIVED = gaugeOrdinal('host', 'tcp_long_lived_connections');
/** A frame names this many connections, the oldest first: a pool connection is old and slow, not large. */
const FLOWS_KEPT = 64;
/** One more second between two looks for each so many connections: a look costs about 3 µs a connection. */
const CONNECTIONS_PER_SECOND = 500;
const PEER_BYTES = 8;

export interface FlowSettings {
  /** A connection seen for as long is long-lived. */
  readonly longLivedSeconds: number;
  /** Keys the hash of remote addresses; never leaves the node. */
  readonly secret: Uint8Array;
}

/**
 * Established TCP connections of this network namespace, by `sock_diag`; both ends on this machine do not count.
 * Connections of other namespaces (most containers) cannot be seen from here.
 */
export function sockets(settings: FlowSettings): CollectorSpec {
  return { name: 'sockets', pace: 'sample', open: () => openSockets(settings) };
}

function openSockets(settings: FlowSettings): Collector {
  const diagnosis = new SockDiag();
  const book = new FlowBook(settings);
  return {
    sample({ host }, atSeconds) {
      if (book.due(atSeconds)) book.look(remoteConnections(diagnosis), atSeconds);
      host.gauge(CONNECTIONS, book.connections);
    },
    report(gathering, atSeconds) {
      const { longLived, flows } = book.frame(atSeconds);
      gathering.host.gauge(LONG_LIVED, longLived);
      gathering.flows = flows;
    },
    close: () => diagnosis.close(),
  };
}

function remoteConnections(diagnosis: SockDiag): readonly TcpConnection[] {
  const present: TcpConnection[] = [];
  for (const family of [AF_INET, AF_INET6] as const) {
    diagnosis.dump(dumpRequest(family), (message) => {
      const connection = parseConnection(message);
      if (connection && !connection.local) present.push(connection);
    });
  }
  return present;
}

interface Tracked {
  readonly peer: string;
  readonly firstSeconds: number;
  /** Totals of the kernel at the last look. */
  totalUp: number;
  totalDown: number;
  /** In the present frame. */
  bytesUp: number;
  bytesDown: number;
  activeUp: number;
  activeDown: number;
}

/** Follows connections from the first look on: the kernel does not tell how old they are. */
export class FlowBook {
  readonly #settings: FlowSettings;
  #tracked = new Map<number, Tracked>();
  #lookedSeconds = Number.NEGATIVE_INFINITY;

  constructor(settings: FlowSettings) {
    this.#settings = settings;
  }

  /** At the last look. */
  get connections(): number {
    return this.#tracked.size;
  }

  /** Busy servers are looked at less often, so that the cost stays bounded. */
  due(atSeconds: number): boolean {
    const waitSeconds = Math.min(10, 1 + Math.floor(this.#tracked.size / CONNECTIONS_PER_SECOND));
    // Timers may be a little early.
    return atSeconds - this.#lookedSeconds >= waitSeconds - 0.5;
  }

  /** Takes in the connections that exist now; those that are gone are forgotten. */
  look(present: readonly TcpConnection[], atSeconds: number): void {
    const sinceSeconds = atSeconds - this.#lookedSeconds;
    const next = new Map<number, Tracked>();
    for (const connection of present) {
      const known = this.#tracked.get(connection.cookie);
      if (known) grow(known, connection, sinceSeconds);
      next.set(connection.cookie, known ?? this.#begin(connection, atSeconds));
    }
    this.#tracked = next;
    this.#lookedSeconds = atSeconds;
  }

  /** Closes a frame: the long-lived connections and what went over them since the last call. */
  frame(atSeconds: number): { readonly longLived: number; readonly flows: readonly Flow[] } {
    const all = [...this.#tracked.values()];
    const old = all.filter((each) => atSeconds - each.firstSeconds >= this.#settings.longLivedSeconds);
    const flows = old.slice(0, FLOWS_KEPT).map((each) => flowOf(each, atSeconds));
    for (const each of all) {
      each.bytesUp = 0;
      each.bytesDown = 0;
      each.activeUp = 0;
      each.activeDown = 0;
    }
    return { longLived: old.length, flows };
  }

  #begin({ remote, bytesUp, bytesDown }: TcpConnection, firstSeconds: number): Tracked {
    const peer = peerHash(this.#settings.secret, remote);
    const frame = { bytesUp: 0, bytesDown: 0, activeUp: 0, activeDown: 0 };
    return { peer, firstSeconds, totalUp: bytesUp, totalDown: bytesDown, ...frame };
  }
}

/** Bytes since the last look count as an activity of all the seconds since then. */
function grow(tracked: Tracked, { bytesUp, bytesDown }: TcpConnection, seconds: number): void {
  const up = bytesUp - tracked.totalUp;
  const down = bytesDown - tracked.totalDown;
  tracked.totalUp = bytesUp;
  tracked.totalDown = bytesDown;
  tracked.bytesUp += up;
  tracked.bytesDown += down;
  if (up > 0) tracked.activeUp += seconds;
  if (down > 0) tracked.activeDown += seconds;
}

function flowOf(tracked: Tracked, atSeconds: number): Flow {
  return {
    peer: tracked.peer,
    ageSeconds: atSeconds - tracked.firstSeconds,
    bytesUp: tracked.bytesUp,
    bytesDown: tracked.bytesDown,
    activeSecondsUp: tracked.activeUp,
    activeSecondsDown: tracked.activeDown,
  };
}

/** The first 8 bytes of the HMAC, hex. @param remote address and port, network order, hex. */
export function peerHash(secret: Uint8Array, remote: string): string {
  return createHmac('sha256', secret)
    .update(remote, 'hex')
    .digest('hex')
    .slice(0, 2 * PEER_BYTES);
}
