import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrate } from '#libs/ledger/migrate.ts';
import type { OpenLedger } from '#libs/ledger/open.ts';
import type { LedgerWorld } from './contract.ts';
import { aFinding, aNode } from './samples.ts';

const aNotice = (id: string, alert: string, event: string, createdMs: number, outcome: object = {}) => ({
  id,
  alert,
  event,
  body: JSON.stringify({ event, alert: { id: alert, severity: 'medium' } }),
  created_ms: createdMs,
  delivered_ms: null,
  attempts: 0,
  last_error: null,
  ...outcome,
});

const anAlert = (id: string, state: string, kind: string, given: object = {}) => ({
  id,
  cause: `hall-1/tenant-1/${kind}`,
  state,
  severity: 'medium',
  site: 'hall-1',
  tenant: 'tenant-1',
  opened_ms: 1_000,
  updated_ms: 2_000,
  resolved_ms: state === 'resolved' ? 2_000 : null,
  episode: 1,
  open: state === 'resolved' ? 0 : 1,
  nodes: 1,
  ended_ms: state === 'resolved' ? 2_000 : 0,
  summary: `${kind} on n1 at hall-1`,
  ...given,
});

/** What a ledger of before the life of alerts held, as its program wrote it. */
async function fill({ database }: OpenLedger): Promise<void> {
  const insert = async (table: string, row: object) => {
    const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)));
    const values = sql.join(Object.values(row));
    await sql`insert into ${sql.table(table)} (${columns}) values (${values})`.execute(database);
  };
  const { node, site, tenant, hardware } = aNode('n1');
  await insert('node', { node, site, tenant, hardware, public_key: 'aa', enrolled: 1, first_seen_ms: 1_000 });
  await insert('alert', anAlert('alert-open', 'open', 'blind with load', { episode: 2 }));
  await insert('alert', anAlert('alert-over', 'resolved', 'deviation'));
  const finding = aFinding({ kind: 'blind with load', cause: 'hall-1/tenant-1/blind with load' });
  await insert('finding', {
    id: finding.id,
    cause: finding.cause,
    alert: 'alert-open',
    status: 'open',
    peak: 'medium',
    node: 'n1',
    opened_ms: 1_000,
    updated_ms: 2_000,
    ended_ms: 0,
    body: JSON.stringify(finding),
  });
  await insert('cause', { cause: finding.cause, takes: 1 });
  const told = { delivered_ms: 160, attempts: 2 };
  await insert('notice', aNotice('n-first', 'alert-open', 'opened', 100, told));
  await insert(
    'notice',
    aNotice('n-end', 'alert-open', 'resolved', 200, { attempts: 3, last_error: 'refused' }),
  );
  await insert('notice', aNotice('n-again', 'alert-open', 'opened', 300));
  await insert(
    'notice',
    aNotice('n-nobody', 'alert-over', 'opened', 50, { delivered_ms: 60, last_error: 'nobody' }),
  );
}

/** What a ledger of an earlier version holds is kept. */
export function upgradeContract(name: string, createWorld: () => Promise<LedgerWorld>): void {
  test(`the ledger on ${name} keeps what it held before alerts had a life`, async () => {
    const world = await createWorld();
    const ledger = world.open();
    await migrate(ledger.database, '0002-jobs');
    await fill(ledger);
    await ledger.migrate();

    expect(await ledger.nodes.find('n1')).toMatchObject({ publicKey: 'aa', enrolled: true });
    expect((await ledger.nodes.find('n1'))?.decommissionedMs).toBeNull();
    expect(
      (await ledger.alerts.alerts()).map(({ id, kind, state, assignee }) => [id, kind, state, assignee]),
    ).toEqual([
      ['alert-open', 'blind with load', 'open', null],
      ['alert-over', 'deviation', 'resolved', null],
    ]);
    const { outbox } = ledger;
    expect((await outbox.pending(10)).map(({ id }) => id)).toEqual(['n-end', 'n-again']);
    expect((await outbox.unaddressed(10)).map(({ id }) => id)).toEqual(['n-again']);
    expect(
      (await outbox.deliveries({})).map((delivery) => [
        delivery.notice,
        delivery.channel,
        delivery.attempts,
        delivery.deliveredMs,
        delivery.lastError,
      ]),
    ).toEqual([
      ['n-first', 'webhook', 2, 160, null],
      ['n-end', 'webhook', 3, null, 'refused'],
    ]);
    expect(await outbox.next('alert-open', 'webhook')).toMatchObject({ id: 'n-end' });

    // It goes on where it was: the same finding changes nothing, and its end is told after what was told before.
    const finding = aFinding({ kind: 'blind with load', cause: 'hall-1/tenant-1/blind with load' });
    expect(await ledger.alerts.take(finding)).toMatchObject({ change: 'unchanged' });
    const end = { ...finding, status: 'closed', updatedMs: 9_000, closedMs: 9_000 } as const;
    const change = await ledger.alerts.take(end);
    expect(change).toMatchObject({ change: 'resolved', alert: { id: 'alert-open', state: 'resolved' } });
    expect((await outbox.pending(10)).map(({ id }) => id)).toEqual(['n-end', 'n-again', change?.notices[0]]);
    await ledger.close();
    await world.dispose();
  });
}
