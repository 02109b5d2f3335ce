import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { type ConsoleApp, createConsole } from '#services/console/app.ts';
import { type Status, totalLoss } from '#services/console/status.ts';
import { eventually } from '#test/support/eventually.ts';

const log = createLogger('test', 'silent');
let dataDir: string;
let bus: Bus;
let ledger: Ledger;
let app: ConsoleApp;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'davylamp-console-'));
  bus = await openBus({ dataDir, bus: 'embedded', busPartitions: 2 } as Parameters<typeof openBus>[0], log);
  ledger = openLedger({ dataDir, ledger: 'embedded' });
  await ledger.migrate();
  await bus.ensure([TOPICS.observations]);
  app = createConsole(
    { bus, ledger },
    { consoleHost: '127.0.0.1', consolePort: 0 },
    { counters: createCounters(), log },
  );
  await app.start();
});

afterEach(async () => {
  await app.stop();
  await ledger.close();
  await bus.close();
  await rm(dataDir, { recursive: true });
});

const status = async () => (await (await fetch(`${app.url()}/api/status`)).json()) as Status;

const finding: Finding = {
  id: 'f1',
  cause: 'local/us/deviation',
  kind: 'deviation',
  status: 'open',
  severity: 'medium',
  node: 'n1',
  site: 'local',
  tenant: 'us',
  openedMs: 1_000,
  updatedMs: 2_000,
  closedMs: null,
  onset: null,
  grade: 'C',
  reasons: [],
  counterReasons: [],
  unseen: ['the GPU'],
  assessments: [],
};

test('an empty installation is an empty status, not an error', async () => {
  expect(await status()).toMatchObject({
    nodes: [],
    findings: [],
    alerts: [],
    loss: [],
    totals: { sent: 0 },
  });
});

test('shows findings, their alert, what is still to be told, and the loss ledger', async () => {
  await ledger.alerts.take(finding);
  await ledger.custody.account([{ node: 'n1', boot: 'b', fate: 'stored', from: 1, to: 8 }]);
  await ledger.custody.account([{ node: 'n1', boot: 'b', fate: 'dead', from: 10, to: 10 }]);
  expect(await status()).toMatchObject({
    findings: [{ id: 'f1', unseen: ['the GPU'] }],
    alerts: [{ cause: 'local/us/deviation', state: 'open' }],
    notices: [{ event: 'opened', deliveredMs: null }],
    totals: { sent: 10, stored: 8, dead: 1, dropped: 0, inFlight: 1 },
  });
});

test('shows the newest assessment of a node from the tail of the bus', async () => {
  await ledger.nodes.see({
    node: 'n1',
    site: 'local',
    tenant: null,
    hardware: null,
    publicKey: null,
    enrolled: false,
    credentialHash: null,
    firstSeenMs: 1,
    decommissionedMs: null,
  });
  const assess = (windowEndMs: number, conformity: Assessment['conformity']) => ({
    topic: TOPICS.observations.name,
    key: 'local',
    value: new TextEncoder().encode(JSON.stringify({ node: 'n1', windowEndMs, conformity })),
    headers: { type: 'assessment' },
  });
  await bus.publish([assess(120_000, 'deviates'), assess(60_000, 'conforms')]);
  const seen = await eventually(
    'the assessment',
    status,
    (answer) => answer.nodes[0]?.assessment !== null,
    5_000,
  );
  expect(seen.nodes[0]?.assessment).toMatchObject({ windowEndMs: 120_000, conformity: 'deviates' });
});

test('serves the page under a policy that allows no foreign script', async () => {
  const response = await fetch(app.url());
  expect(response.headers.get('content-security-policy')).toBe("default-src 'self'");
  expect(await response.text()).toContain('<title>davylamp</title>');
});

test('totals of the loss ledger add up over agents', () => {
  const row = { node: 'n', boot: 'b', sent: 10, stored: 7, dead: 1, dropped: 1, inFlight: 1 };
  expect(totalLoss([row, row])).toEqual({ sent: 20, stored: 14, dead: 2, dropped: 2, inFlight: 2 });
});
