import { readFileSync } from 'node:fs';
import { SockDiag } from '#services/agent/netlink.ts';
import {
  AF_INET,
  AF_INET6,
  dumpRequest,
  parseConnection,
  type TcpConnection,
} from '#services/agent/tcp-connection.ts';

/** What went over one connection since the last look. */
export interface FlowBytes {
  /** `f0`, `f1` …: no address leaves the machine. */
  readonly flow: string;
  readonly remotePort: number;
  /** Payload, as the kernel counts it: without headers and what was sent twice. */
  readonly up: number;
  readonly down: number;
}

interface Followed {
  readonly flow: string;
  up: number;
  down: number;
}

/** Where Linux begins to hand out ports by itself, unless it was told otherwise. */
const FIRST_EPHEMERAL = 32_768;

/**
 * Follows established TCP connections of this network namespace. What passed before the first look is not counted,
 * nor what a connection carried between its last look and its end.
 */
export class Connections {
  readonly #firstEphemeral: number;
  #followed: Map<number, Followed> | null = null;
  #named = 0;

  constructor(firstEphemeral = FIRST_EPHEMERAL) {
    this.#firstEphemeral = firstEphemeral;
  }

  /** @param present all connections that there are now. @returns those over which something went */
  look(present: readonly TcpConnection[]): readonly FlowBytes[] {
    const before = this.#followed;
    const next = new Map<number, Followed>();
    const moved: FlowBytes[] = [];
    for (const connection of present.filter((one) => this.#isCallersEnd(one))) {
      const { cookie, bytesUp: up, bytesDown: down } = connection;
      const known = before?.get(cookie);
      const since = known ?? (before ? { up: 0, down: 0 } : { up, down });
      const flow = known?.flow ?? `f${this.#named++}`;
      if (up > since.up || down > since.down)
        moved.push({ flow, remotePort: portOf(connection), up: up - since.up, down: down - since.down });
      next.set(cookie, { flow, up, down });
    }
    this.#followed = next;
    return moved;
  }

  /** A connection inside the machine is seen from both of its ends: the caller's is the one that called a known port. */
  #isCallersEnd(connection: TcpConnection): boolean {
    return !connection.local || portOf(connection) < this.#firstEphemeral;
  }
}

/** Looks at the connections by the kernel's `sock_diag`. @throws SourceAbsentError */
export function openConnections(): { look(): readonly FlowBytes[]; close(): void } {
  const diagnosis = new SockDiag();
  const connections = new Connections(firstEphemeral());
  return {
    look: () => connections.look(established(diagnosis)),
    close: () => diagnosis.close(),
  };
}

function established(diagnosis: SockDiag): readonly TcpConnection[] {
  const present: TcpConnection[] = [];
  for (const family of [AF_INET, AF_INET6] as const) {
    diagnosis.dump(dumpRequest(family), (message) => {
      const connection = parseConnection(message);
      if (connection) present.push(connection);
    });
  }
  return present;
}

function portOf({ remote }: TcpConnection): number {
  return Number.parseInt(remote.slice(-4), 16);
}

function firstEphemeral(): number {
  const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
  return Number(first);
}
