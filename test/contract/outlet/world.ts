import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { generateKeys } from '#libs/evidence/keys.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { emptyRow } from '#libs/model/frame.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { type Counters, createCounters } from '#libs/runtime/counters.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { createBusOutlet } from '#services/agent/bus-outlet.ts';
import { FrameMaker } from '#services/agent/frame-maker.ts';
import { GatewayClient } from '#services/agent/gateway-client.ts';
import { createGatewayOutlet } from '#services/agent/gateway-outlet.ts';
import type { OutgoingFrame, Outlet } from '#services/agent/outlet.ts';
import { createGateway, type Gateway } from '#services/gateway/app.ts';
import { credentialHash, newCredential } from '#services/gateway/credential.ts';

export const NODE = 'node-1';
const END_MS = Date.UTC(2026, 0, 1);

/** An outlet before a real embedded bus, which can go away and come back. */
export interface OutletWorld {
  readonly outlet: Outlet;
  readonly bus: EmbeddedBus;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

export interface GatewayWorld extends OutletWorld {
  readonly gateway: Gateway;
  readonly counters: Counters;
  readonly credential: string;
  readonly url: string;
  readonly dataDir: string;
  readonly ledger: ReturnType<typeof openLedger>;
  /** Starts another gateway on the same ledger, as another process would. */
  another(): Promise<Gateway>;
}

/** The embedded bus in a folder of its own. Closed, it refuses as an unreachable broker does. */
export class EmbeddedBus {
  readonly #path: string;
  #bus: Bus | null = null;

  constructor(folder: string) {
    this.#path = join(folder, 'bus.db');
  }

  async open(): Promise<void> {
    this.#bus = createSqliteBus({ path: this.#path, partitions: 4 });
    await this.#bus.ensure([TOPICS.frames]);
  }

  async close(): Promise<void> {
    const bus = this.#bus;
    this.#bus = null;
    await bus?.close();
  }

  publish: Bus['publish'] = async (messages) => {
    if (this.#bus === null) throw new BusUnavailableError('the bus is closed');
    await this.#bus.publish(messages);
  };

  /** What has arrived, in the order of its partition. */
  async frames(): Promise<readonly OutgoingFrame[]> {
    const frames: OutgoingFrame[] = [];
    await this.#bus?.replay(TOPICS.frames.name, {}, async ({ records }) => {
      for (const { key, value, headers } of records) {
        const text = Object.entries(headers).map(
          ([name, bytes]) => [name, Buffer.from(bytes).toString()] as const,
        );
        frames.push({ node: key, payload: Uint8Array.from(value), headers: Object.fromEntries(text) });
      }
    });
    return frames;
  }
}

export async function openBusWorld(stack: AsyncDisposableStack): Promise<OutletWorld> {
  const bus = await openBus(await temporaryFolder(stack), stack);
  return { bus, outlet: createBusOutlet(bus), goAway: () => bus.close(), comeBack: () => bus.open() };
}

export async function openGatewayWorld(stack: AsyncDisposableStack): Promise<GatewayWorld> {
  const dataDir = await temporaryFolder(stack);
  const bus = await openBus(dataDir, stack);
  const ledger = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
  await ledger.migrate();
  const credential = newCredential(NODE);
  await ledger.nodes.enrol(nodeRecord(NODE, credentialHash(credential)));

  const counters = createCounters();
  const surroundings = { counters, log: createLogger('gateway', 'silent') };
  const settings = { dataDir, gatewayHost: '127.0.0.1', gatewayNames: ['127.0.0.1'], gatewayConcurrency: 8 };
  const start = async (gatewayPort: number, on = ledger) => {
    const gateway = createGateway({ bus, ledger: on }, { ...settings, gatewayPort }, surroundings);
    await gateway.start();
    return gateway;
  };
  let gateway = await start(0);
  stack.defer(() => gateway.stop());
  const { port, fingerprint } = gateway;
  const url = `https://127.0.0.1:${port}`;
  const client = stack.adopt(new GatewayClient({ url, fingerprint }), (it) => it.close());
  const outlet = createGatewayOutlet(client, async () => credential);
  return {
    bus,
    outlet,
    counters,
    credential,
    url,
    dataDir,
    ledger,
    gateway,
    goAway: () => gateway.stop(),
    comeBack: async () => {
      gateway = await start(port);
    },
    another: async () => {
      const own = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
      return stack.adopt(await start(0, own), (it) => it.stop());
    },
  };
}

export function nodeRecord(node: string, hash: string | null) {
  return {
    node,
    site: 'site-1',
    tenant: null,
    hardware: null,
    publicKey: null,
    enrolled: false,
    credentialHash: hash,
    firstSeenMs: END_MS,
    decommissionedMs: null,
  };
}

/** Real frames of one boot, numbered from 1; the last one is sealed. */
export function someFrames(count: number, node = NODE): readonly OutgoingFrame[] {
  const origin = { node, site: 'site-1', boot: 'b0'.repeat(16), intervalMs: 10_000 };
  const maker = new FrameMaker(origin, generateKeys());
  const gathered = { samples: 10, entities: [emptyRow('host')], flows: [], groups: [] };
  return Array.from({ length: count }, (_, i) => ({
    node,
    ...maker.make(gathered, END_MS + i * 10_000, i === count - 1),
  }));
}

export function sequences(frames: readonly OutgoingFrame[]): readonly number[] {
  return frames.map(({ headers }) => Number(headers.seq));
}

async function openBus(folder: string, stack: AsyncDisposableStack): Promise<EmbeddedBus> {
  const bus = stack.adopt(new EmbeddedBus(folder), (it) => it.close());
  await bus.open();
  return bus;
}

async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-outlet-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
