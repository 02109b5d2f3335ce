import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import { type Act, SYSTEM } from '#libs/model/alert.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';
import { aFinding } from './samples.ts';

/** What people and the system do to alerts. */
export function alertLifeContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  const closed = { status: 'closed', updatedMs: 9_000, closedMs: 9_000 } as const;

  async function anAlert(given: Parameters<typeof aFinding>[0] = {}): Promise<string> {
    const change = await ledgers()[0].alerts.take(aFinding(given));
    return change?.alert.id ?? '';
  }
  const events = async () => (await ledgers()[0].outbox.list()).map(({ event }) => event);

  test('records every act with who, when and the state after it', async () => {
    const [ledger, other] = ledgers();
    const id = await anAlert();
    const acts: Act[] = [
      { kind: 'assign', assignee: 'alex' },
      { kind: 'comment', text: 'looks like a test run' },
      { kind: 'acknowledge' },
      { kind: 'escalate', reason: 'need a second pair of eyes' },
      { kind: 'acknowledge', reason: 'seen' },
      { kind: 'resolve', reason: 'a declared run' },
      { kind: 'reopen', reason: 'it was another' },
    ];
    for (const [index, act] of acts.entries()) await ledger.alerts.act(id, act, 'alex', 1_000 + index);
    const history = await other.alerts.history(id);
    expect(history.map(({ act }) => act)).toEqual(acts);
    expect(history.map(({ number, atMs, by }) => [number, atMs, by])).toEqual(
      acts.map((_, index) => [index + 1, 1_000 + index, 'alex']),
    );
    expect(history.map(({ state }) => state)).toEqual([
      'open',
      'open',
      'acknowledged',
      'escalated',
      'acknowledged',
      'resolved',
      'open',
    ]);
    expect(await other.alerts.find(id)).toMatchObject({ state: 'open', assignee: 'alex', nodes: ['n1'] });
    expect(await events()).toEqual(['opened', 'escalated', 'resolved', 'opened']);
  });

  test('tells who did it and why in the notice', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    await ledger.alerts.act(id, { kind: 'resolve', reason: 'a declared run' }, 'alex', 5_000);
    const bodies = (await ledger.outbox.list()).map(({ body }) => JSON.parse(body) as object);
    expect(bodies).toMatchObject([
      { event: 'opened', act: null, simulated: false, findings: [{ id: 'f1' }] },
      {
        event: 'resolved',
        act: { by: 'alex', kind: 'resolve', reason: 'a declared run' },
        findings: [{ id: 'f1' }],
        alert: { state: 'resolved' },
      },
    ]);
  });

  test('refuses an act that the state does not allow, and changes nothing', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    await ledger.alerts.act(id, { kind: 'acknowledge' }, 'alex', 1_000);
    const again = ledger.alerts.act(id, { kind: 'acknowledge' }, 'kim', 2_000);
    await expect(again).rejects.toBeInstanceOf(ConflictError);
    const late = ledger.alerts.act(id, { kind: 'escalate', reason: 'nobody came' }, SYSTEM, 3_000);
    await expect(late).rejects.toBeInstanceOf(ConflictError);
    expect(await ledger.alerts.history(id)).toHaveLength(1);
    const absent = ledger.alerts.act('alert-unknown', { kind: 'acknowledge' }, 'alex', 1);
    await expect(absent).rejects.toBeInstanceOf(NotFoundError);
  });

  test('lets one of two people who acknowledge at once win', async () => {
    const id = await anAlert();
    const outcomes = await Promise.allSettled(
      ledgers().map((ledger, index) => ledger.alerts.act(id, { kind: 'acknowledge' }, `p${index}`, 1_000)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await ledgers()[0].alerts.history(id)).toHaveLength(1);
  });

  test('stays resolved by a person while its findings go on, and another begins a new alert', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    await ledger.alerts.act(id, { kind: 'resolve', reason: 'a declared run' }, 'alex', 5_000);
    expect(await ledger.alerts.take(aFinding({ updatedMs: 3_000 }))).toMatchObject({
      change: 'grew',
      alert: { id, state: 'resolved' },
      notices: [],
    });
    const later = await ledger.alerts.take(aFinding({ id: 'f2', openedMs: 4_000, updatedMs: 4_000 }));
    expect(later).toMatchObject({ change: 'opened', alert: { state: 'open' } });
    expect(later?.alert.id).not.toBe(id);
    expect(await events()).toEqual(['opened', 'resolved', 'opened']);
  });

  test('records its own ends and openings under its own name', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    await ledger.alerts.take(aFinding(closed));
    await ledger.alerts.take(aFinding({ updatedMs: 10_000 }));
    expect((await ledger.alerts.history(id)).map(({ by, act, state }) => [by, act.kind, state])).toEqual([
      [SYSTEM, 'resolve', 'resolved'],
      [SYSTEM, 'reopen', 'open'],
    ]);
  });

  test('keeps the notices of an alert in the order they were written, whatever the clock says', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    for (let round = 0; round < 5; round++) {
      await ledger.alerts.act(id, { kind: 'resolve', reason: 'over' }, 'alex', 1_000 - round);
      await ledger.alerts.act(id, { kind: 'reopen', reason: 'not over' }, 'alex', 1_000 - round);
    }
    const expected = ['opened', ...Array.from({ length: 5 }, () => ['resolved', 'opened']).flat()];
    expect(await events()).toEqual(expected);
  });

  test('names who waits for a person, and what nothing happens to any more', async () => {
    const [ledger, other] = ledgers();
    const beforeMs = Date.now();
    const [a, b] = [await anAlert(), await anAlert({ id: 'f2', cause: 'other', severity: 'high' })];
    const waiting = await other.alerts.unattended();
    expect(new Set(waiting.map(({ id, severity, episode }) => `${id} ${severity} ${episode}`))).toEqual(
      new Set([`${a} medium 1`, `${b} high 1`]),
    );
    expect(waiting.every(({ raisedMs }) => raisedMs >= beforeMs)).toBe(true);
    await ledger.alerts.act(a, { kind: 'acknowledge' }, 'alex', Date.now());
    expect((await other.alerts.unattended()).map(({ id }) => id)).toEqual([b]);
    expect(await other.alerts.idle(beforeMs)).toEqual([]);
    expect([...(await other.alerts.idle(Date.now() + 1))].sort()).toEqual([a, b].sort());
  });

  test('pages through alerts, newest first, by what is asked for', async () => {
    const [ledger, other] = ledgers();
    for (let index = 0; index < 7; index++) {
      await anAlert({
        id: `f${index}`,
        cause: `c${index}`,
        openedMs: 1_000 + Math.floor(index / 2),
        severity: index % 2 ? 'high' : 'low',
        tenant: index < 5 ? 'tenant-1' : 'tenant-2',
      });
    }
    const pages = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await other.alerts.page({ limit: 3, ...(after === undefined ? {} : { after }) });
      pages.push(page.rows);
      after = page.next;
    }
    expect(pages.map((rows) => rows.length)).toEqual([3, 3, 1]);
    const all = pages.flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(7);
    expect(all.map(({ openedMs }) => openedMs)).toEqual(
      all.map(({ openedMs }) => openedMs).sort((x, y) => y - x),
    );
    expect(all[0]).toMatchObject({ nodeCount: 1, kind: 'deviation' });
    const count = async (query: object) => (await ledger.alerts.page({ limit: 100, ...query })).rows.length;
    expect(await count({ tenant: 'tenant-2' })).toBe(2);
    expect(await count({ severities: ['high'] })).toBe(3);
    expect(await count({ states: ['resolved'] })).toBe(0);
    expect(await count({ states: ['open', 'resolved'], site: 'hall-1' })).toBe(7);
    expect(await count({ assignee: 'alex' })).toBe(0);
    await expect(ledger.alerts.page({ limit: 1, after: 'nonsense' })).rejects.toBeInstanceOf(NotFoundError);
  });

  test('pages through alerts, the gravest first and of those the newest', async () => {
    const [ledger, other] = ledgers();
    const severities = ['low', 'high', 'medium', 'high', 'low', 'medium', 'high'] as const;
    for (const [index, severity] of severities.entries()) {
      const openedMs = 1_000 + Math.floor(index / 4);
      await anAlert({ id: `f${index}`, cause: `c${index}`, openedMs, severity });
    }
    const rows = [];
    for (let after: string | null | undefined; after !== null; ) {
      const asked = { order: 'severity', limit: 2, ...(after === undefined ? {} : { after }) } as const;
      const page = await other.alerts.page(asked);
      rows.push(...page.rows);
      after = page.next;
    }
    expect(rows.map(({ severity, openedMs }) => `${severity} ${openedMs}`)).toEqual([
      ...['high 1001', 'high 1000', 'high 1000'],
      ...['medium 1001', 'medium 1000', 'low 1001', 'low 1000'],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(7);
    const nonsense = ledger.alerts.page({ order: 'severity', limit: 1, after: '3.nonsense' });
    await expect(nonsense).rejects.toBeInstanceOf(NotFoundError);
  });

  test('tells what opened and was resolved in a period, and what is open', async () => {
    const [ledger] = ledgers();
    const fromMs = Date.now();
    const over = await anAlert(closed);
    const open = await anAlert({ id: 'f2', cause: 'other' });
    const toMs = Date.now() + 1;
    const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).sort();
    const period = await ledger.alerts.between(fromMs, toMs);
    expect([idsOf(period.opened), idsOf(period.resolved), idsOf(period.open)]).toEqual([
      [over, open].sort(),
      [over],
      [open],
    ]);
    const later = await ledger.alerts.between(toMs, toMs + 1_000);
    expect([later.opened, later.resolved]).toEqual([[], []]);
  });

  test('finds findings of an alert and of a node', async () => {
    const [ledger] = ledgers();
    const id = await anAlert();
    await anAlert({ id: 'f2', cause: 'other', node: 'n2' });
    expect((await ledger.alerts.findings({ alert: id })).map((finding) => finding.id)).toEqual(['f1']);
    expect((await ledger.alerts.findings({ node: 'n2' })).map((finding) => finding.id)).toEqual(['f2']);
    expect(await ledger.alerts.find('unknown')).toBeNull();
  });
}
