import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { migrate, NEWEST_SCHEMA, schemaOf } from '#libs/ledger/migrate.ts';
import { type OpenLedger, openLedger } from '#libs/ledger/open.ts';
import { eventually } from '#test/support/eventually.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { type Environment, ServiceProcess } from '#test/support/process.ts';

vi.setConfig({ testTimeout: 90_000 });

const FIRST_RELEASED = '0002-jobs';
const SERVICES = ['gateway', 'writer', 'detector', 'alerter', 'console'] as const;
const server = process.env.DAVYLAMP_TEST_POSTGRES;

describe.each(['embedded', 'postgres'] as const)('a ledger that is %s', (kind) => {
  test('of the first released schema is brought up to date by services that start at once', async ({
    skip,
  }) => {
    if (kind === 'postgres' && !server)
      skip('DAVYLAMP_TEST_POSTGRES is not set: run `npm run servers -- up`');
    await using stack = new AsyncDisposableStack();
    const { env, ledger } = await oldLedger(kind, stack);
    const services = SERVICES.map((name) => stack.use(new ServiceProcess(name, env).start()));
    await eventually(
      'the newest schema',
      () => schemaOf(ledger.database),
      (it) => it === NEWEST_SCHEMA,
      40_000,
    );
    // Whoever lost the race must go on as if it had won it.
    for (const service of services) {
      const running = async () => `${service.running} ${service.output.slice(-1000)}`;
      await eventually(`${service.name} to run`, running, (it) => it.startsWith('true'), 10_000);
    }
    expect(await ledger.nodes.list()).toMatchObject([{ node: 'old', site: 'hall', decommissionedMs: null }]);
    expect(await ledger.alerts.alerts()).toMatchObject([
      { id: 'a1', kind: 'blind', state: 'open', severity: 'medium', assignee: null },
    ]);
    expect(await ledger.custody.balance()).toMatchObject([{ node: 'old', sent: 9, stored: 9 }]);
    for (const service of services) await service.stop();
    for (const service of services) expect(service.output).not.toMatch(/"level":(50|60)|Error/);
  });

  test('of a newer schema stops an older program, which says so', async ({ skip }) => {
    if (kind === 'postgres' && !server)
      skip('DAVYLAMP_TEST_POSTGRES is not set: run `npm run servers -- up`');
    await using stack = new AsyncDisposableStack();
    const { env, ledger } = await oldLedger(kind, stack);
    await ledger.migrate();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2027-01-01T00:00:00.000Z')`.execute(
      ledger.database,
    );
    const gateway = stack.use(new ServiceProcess('alerter', env).start());
    await eventually(
      'its end',
      async () => gateway.running,
      (running) => !running,
      30_000,
    );
    expect(gateway.output).toContain(
      `the ledger has the schema 9999-later, and this program knows none after ${NEWEST_SCHEMA}`,
    );
    expect(gateway.exitCode).toBe(78);
    expect(await schemaOf(ledger.database)).toBe('9999-later');
  });
});

/** A ledger as the first release left it, with a few rows. */
async function oldLedger(
  kind: 'embedded' | 'postgres',
  stack: AsyncDisposableStack,
): Promise<{ readonly env: Environment; readonly ledger: OpenLedger }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-upgrade-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const database = kind === 'postgres' ? await freshDatabase(server ?? '') : null;
  if (database) stack.defer(() => database.drop());
  const postgresUrl = database?.url;
  const ledger = stack.adopt(openLedger({ dataDir, ledger: kind, postgresUrl }), (it) => it.close());
  const db = ledger.database;
  await migrate(db, FIRST_RELEASED);
  await sql`insert into node (node, site, enrolled, first_seen_ms) values ('old', 'hall', 0, 1)`.execute(db);
  await sql`insert into cause (cause, takes) values ('hall/node old/blind', 1)`.execute(db);
  await sql`insert into finding (id, cause, alert, status, peak, node, opened_ms, updated_ms, ended_ms, body)
    values ('f1', 'hall/node old/blind', 'a1', 'open', 'medium', 'old', 1, 1, 0, ${FINDING})`.execute(db);
  await sql`insert into alert (id, cause, state, severity, site, opened_ms, updated_ms, episode, open, nodes, ended_ms, summary)
    values ('a1', 'hall/node old/blind', 'open', 'medium', 'hall', 1, 1, 1, 1, 1, 0, 'blind on 1 node at hall')`.execute(
    db,
  );
  await sql`insert into chain (id, node, boot, sent) values ('["old","b"]', 'old', 'b', 9)`.execute(db);
  await sql`insert into run (chain, fate, from_seq, to_seq) values ('["old","b"]', 'stored', 1, 9)`.execute(
    db,
  );
  const env = {
    DAVYLAMP_DATA_DIR: dataDir,
    DAVYLAMP_CONSOLE_PORT: '0',
    DAVYLAMP_GATEWAY_PORT: '0',
    DAVYLAMP_LEDGER: kind,
    ...(postgresUrl === undefined ? {} : { DAVYLAMP_POSTGRES_URL: postgresUrl }),
  };
  return { env, ledger };
}

const FINDING = JSON.stringify({
  id: 'f1',
  cause: 'hall/node old/blind',
  kind: 'blind',
  status: 'open',
  severity: 'medium',
  node: 'old',
  site: 'hall',
  tenant: null,
  openedMs: 1,
  updatedMs: 1,
  closedMs: null,
  onset: null,
  grade: 'D',
  reasons: [],
  counterReasons: [],
  unseen: [],
  assessments: [],
});
