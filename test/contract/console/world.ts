import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger, NodeRecord } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Role } from '#libs/model/person.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import type { Series } from '#libs/series/port.ts';
import { openSqliteSeries } from '#libs/series/sqlite.ts';
import { type ConsoleApp, createConsole } from '#services/console/app.ts';
import type { ConsoleSettings } from '#services/console/config.ts';
import { hashPassword } from '#services/console/password.ts';

/** The embedded ports in a folder of their own, and a console on them. */
export interface ConsoleWorld extends AsyncDisposable {
  readonly dataDir: string;
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly series: Series;
  /** Starts another on the same ports; ends with the world. */
  start(settings?: Partial<ConsoleSettings>, dist?: string): Promise<ConsoleApp>;
}

const SETTINGS: ConsoleSettings = {
  consoleHost: '127.0.0.1',
  consolePort: 0,
  consoleUrl: undefined,
  consoleSessionHours: 1,
  consoleLoginsPerMinute: 1_000,
};

export async function openConsoleWorld(): Promise<ConsoleWorld> {
  const stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-console-'));
  stack.defer(() => rm(dataDir, { recursive: true }));
  const bus = stack.adopt(createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 2 }), (it) =>
    it.close(),
  );
  const series = stack.adopt(openSqliteSeries(join(dataDir, 'series.db'), { retentionDays: 0 }), (it) =>
    it.close(),
  );
  const ledger = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
  await ledger.migrate();
  await bus.ensure(Object.values(TOPICS));
  const surroundings = { counters: createCounters(), log: createLogger('test', 'silent') };
  return {
    ...{ dataDir, bus, ledger, series },
    async start(settings = {}, dist = join(dataDir, 'no-dist')) {
      const app = createConsole({ bus, ledger, series }, { ...SETTINGS, ...settings }, surroundings, dist);
      await app.start();
      stack.defer(() => app.stop());
      return app;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Somebody at a browser: keeps the cookie, and says where requests come from. */
export class Visitor {
  readonly #url: string;
  cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.ask('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.ask('POST', path, body);
  }

  async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        origin: this.#url,
        ...(this.cookie && { cookie: this.cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set) this.cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }

  login(name: string, password: string): Promise<Answer> {
    return this.post('/api/session', { name, password });
  }
}

const PASSWORD = 'a lamp in the dark';
// Many people log in here: the cheapest hash that is read alike.
const HASH = hashPassword(PASSWORD, { N: 2, r: 1, p: 1 });

/** Registers a person of this role, and logs them in. */
export async function person(
  { ledger }: ConsoleWorld,
  app: ConsoleApp,
  role: Role,
  tenant: string | null = null,
  name: string = `${role}-${tenant ?? 'all'}`,
): Promise<Visitor> {
  await ledger.people.add({ name, role, tenant, disabled: false, createdMs: 1 }, await HASH);
  const visitor = new Visitor(app.url());
  await visitor.login(name, PASSWORD);
  return visitor;
}

export { PASSWORD };

export const aNode = (node: string, given: Partial<NodeRecord> = {}): NodeRecord => ({
  node,
  site: 'hall',
  tenant: null,
  hardware: null,
  publicKey: null,
  enrolled: false,
  credentialHash: null,
  firstSeenMs: 1_000,
  decommissionedMs: null,
  ...given,
});

export const anAssessment = (given: Partial<Assessment> = {}): Assessment => {
  const windowEndMs = given.windowEndMs ?? 60_000;
  return {
    node: 'n1',
    site: 'hall',
    tenant: null,
    windowStartMs: windowEndMs - 60_000,
    windowEndMs,
    revision: `r${windowEndMs}`,
    detector: 'test 1',
    declaration: null,
    behaviours: { B1: 0.9, B0: 0.1 },
    conformity: 'conforms',
    grade: 'C',
    heartbeat: 'present',
    coverageRatio: 1,
    reasons: [],
    counterReasons: [],
    onset: null,
    unseen: ['the GPU'],
    ...given,
  };
};

export const aFinding = (given: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  cause: `hall/${given.tenant ?? 'node n1'}/deviation`,
  kind: 'deviation',
  status: 'open',
  severity: 'medium',
  node: 'n1',
  site: 'hall',
  tenant: null,
  openedMs: 1_000,
  updatedMs: 2_000,
  closedMs: null,
  onset: null,
  grade: 'C',
  reasons: [],
  counterReasons: [],
  unseen: ['the GPU'],
  assessments: [],
  ...given,
});

const bytes = (data: unknown) => new TextEncoder().encode(JSON.stringify(data));

export const assessmentMessage = (assessment: Assessment) => ({
  topic: TOPICS.observations.name,
  key: assessment.site,
  value: bytes(assessment),
  headers: { type: 'assessment' },
});

export const findingMessage = (finding: Finding) => ({
  topic: TOPICS.findings.name,
  key: finding.cause,
  value: bytes(finding),
  headers: { type: 'finding' },
});
