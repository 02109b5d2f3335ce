import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { embeddedJobs } from '#libs/jobs/sqlite.ts';
import { type OpenLedger, openLedger } from '#libs/ledger/open.ts';
import { causeOf, type Finding } from '#libs/model/finding.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { type Counters, createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import {
  type Alerter,
  type AlerterPorts,
  type AlerterSettings,
  createAlerter,
} from '#services/alerter/app.ts';
import type { Channel } from '#services/alerter/channel.ts';
import { webhookChannel } from '#services/alerter/channels/webhook.ts';

/** The embedded ports in a folder of their own, as the alerter runs on them. */
export interface World extends AlerterPorts {
  readonly dataDir: string;
  readonly ledger: OpenLedger;
  readonly counters: Counters;
  alerter(settings?: Partial<AlerterSettings>, ports?: Partial<AlerterPorts>): Alerter;
  publish(...findings: readonly Finding[]): Promise<void>;
  /** What the topic holds: the newest value of each key. */
  resolution(): Promise<ReadonlyMap<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-alerter-'));
  const bus = createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 2 });
  const ledger = openLedger({ dataDir, ledger: 'embedded' });
  await ledger.migrate();
  await bus.ensure([TOPICS.findings, TOPICS.resolution, TOPICS.dead]);
  const jobs = embeddedJobs(ledger.database, { leaseMs: 1_000, pollMs: 50 });
  const counters = createCounters();
  const surroundings = { counters, log: createLogger('alerter', 'silent') };
  return {
    dataDir,
    bus,
    ledger,
    jobs,
    channels: [],
    counters,
    alerter: (settings = {}, ports = {}) =>
      createAlerter(
        { bus, ledger, jobs, channels: [], ...ports },
        { ...SETTINGS, ...settings },
        surroundings,
      ),
    publish: (...findings) => bus.publish(findings.map(messageOf)),
    resolution: () => newestOf(bus),
    async [Symbol.asyncDispose]() {
      await jobs.close();
      await bus.close();
      await ledger.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const SETTINGS: AlerterSettings = {
  sweepMs: 200,
  deliveryBackoffMs: 50,
  deliveryConcurrency: 4,
  notifyFrom: 'low',
  escalateAfterMinutes: 0,
  escalateFrom: 'low',
  autoResolveHours: 0,
  digestHours: 0,
};

/** A webhook that leads to this address. */
export const webhookTo = (webhookUrl: string, webhookSecret?: string): Channel =>
  webhookChannel({ webhookUrl, webhookSecret, webhookTimeoutMs: 300 });

export const messageOf = (finding: Finding) => ({
  topic: 'findings',
  key: finding.cause,
  value: new TextEncoder().encode(JSON.stringify(finding)),
  headers: { type: 'finding' },
});

async function newestOf(bus: Bus): Promise<ReadonlyMap<string, string>> {
  const newest = new Map<string, string>();
  await bus.replay('resolution', {}, async ({ records }) => {
    for (const { key, value } of records) newest.set(key, new TextDecoder().decode(value));
  });
  return newest;
}

export function aFinding(given: Partial<Finding> = {}): Finding {
  const origin = { site: 'hall-1', tenant: 'tenant-1', kind: 'deviation', node: 'n1', ...given } as const;
  return {
    id: `f-${origin.node}`,
    cause: causeOf(origin),
    status: 'open',
    severity: 'medium',
    openedMs: 1_000,
    updatedMs: 2_000,
    closedMs: null,
    onset: null,
    grade: 'C',
    reasons: [
      {
        rule: 'peers',
        metric: 'node_power_watts',
        weight: 2,
        observed: 700,
        expected: 400,
        text: 'above its peers',
      },
    ],
    counterReasons: [],
    unseen: ['what runs between two samples'],
    assessments: [],
    ...origin,
  };
}

export const closed = (finding: Finding): Finding => ({
  ...finding,
  status: 'closed',
  updatedMs: 9_000,
  closedMs: 9_000,
});

export interface Call {
  readonly key: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly event: string;
}

/** A receiver on loopback that behaves as it is told, once for each call, and at last acknowledges. */
export class ScriptedReceiver {
  readonly calls: Call[] = [];
  readonly script: ((response: ServerResponse) => void)[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { event } = JSON.parse(body) as { event: string };
    this.calls.push({
      key: String(request.headers['idempotency-key']),
      headers: request.headers,
      body,
      event,
    });
    const act = this.script.shift() ?? ((it: ServerResponse) => it.writeHead(204).end());
    act(response);
  }

  /** @param port 0: any free one. */
  async open(port = 0): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook?token=secret`;
  }

  get events(): readonly string[] {
    return this.calls.map(({ event }) => event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
