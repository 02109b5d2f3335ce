import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import { transact } from '#libs/ledger/transact.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Finding } from '#libs/model/finding.ts';
import { ConflictError, LedgerUnavailableError, NotFoundError } from '#libs/runtime/errors.ts';
import { alertLifeContract } from './alert-life.ts';
import { assessmentContract } from './assessments.ts';
import { channelContract } from './channels.ts';
import { custodyContract } from './custody.ts';
import { nodeJoinContract } from './node-join.ts';
import { outboxContract } from './outbox.ts';
import { peopleContract } from './people.ts';
import { aDeclaration, aFinding, aNode } from './samples.ts';
import { silenceContract } from './silences.ts';
import { upgradeContract } from './upgrade.ts';

/** An empty database of its own, and what the contract needs to be done to it. */
export interface LedgerWorld {
  /** Another connection to the same database: another service. */
  open(): OpenLedger;
  /** A ledger whose database is not there. */
  openAbsent(): OpenLedger;
  dispose(): Promise<void>;
}

/** What every ledger does, whatever database it stands on. */
export function ledgerContract(name: string, createWorld: () => Promise<LedgerWorld>): void {
  describe(`the ledger on ${name}`, () => {
    let world: LedgerWorld;
    let ledger: OpenLedger;
    let other: OpenLedger;

    beforeEach(async () => {
      world = await createWorld();
      ledger = world.open();
      other = world.open();
      await ledger.migrate();
    });
    afterEach(async () => {
      await Promise.all([ledger.close(), other.close()]);
      await world.dispose();
    });

    test('migrates again without a change', async () => {
      await ledger.nodes.see(aNode('n1'));
      await ledger.migrate();
      expect(await ledger.nodes.list()).toEqual([aNode('n1')]);
    });

    test('answers a check', async () => {
      await expect(ledger.check()).resolves.toBeUndefined();
    });

    test('says that it is unavailable when its database is not there', async () => {
      const absent = world.openAbsent();
      await expect(absent.check()).rejects.toBeInstanceOf(LedgerUnavailableError);
      await expect(absent.alerts.take(aFinding())).rejects.toBeInstanceOf(LedgerUnavailableError);
      await absent.close();
    });

    test('leaves a node that was seen before as it was', async () => {
      await ledger.nodes.see(aNode('n1', { publicKey: 'aa' }));
      await other.nodes.see(aNode('n1', { publicKey: 'bb' }));
      expect((await ledger.nodes.find('n1'))?.publicKey).toBe('aa');
    });

    test('replaces a node that a person enrols', async () => {
      await ledger.nodes.see(aNode('n1', { publicKey: 'aa' }));
      await ledger.nodes.enrol(aNode('n1', { publicKey: 'bb', enrolled: true, tenant: null }));
      expect(await other.nodes.find('n1')).toEqual(
        aNode('n1', { publicKey: 'bb', enrolled: true, tenant: null }),
      );
      expect(await other.nodes.find('n2')).toBeNull();
    });

    test('an alert and its notice have the same ids whichever finding of its cause comes first', async () => {
      const sisters = ['n1', 'n2', 'n3'].map((node) => aFinding({ id: `finding-${node}`, node }));
      const idsAfter = async (book: OpenLedger, findings: readonly Finding[]) => {
        for (const finding of findings) await book.alerts.take(finding);
        return [...(await book.alerts.alerts()), ...(await book.outbox.list())].map(({ id }) => id);
      };
      const elsewhere = await createWorld();
      const again = elsewhere.open();
      await again.migrate();
      const ids = await idsAfter(ledger, sisters);
      expect(ids).toHaveLength(2);
      expect(await idsAfter(again, sisters.toReversed())).toEqual(ids);
      await again.close();
      await elsewhere.dispose();
    });

    test('takes a node out of service once, and takes it back in when it is enrolled', async () => {
      await ledger.nodes.see(aNode('n1'));
      await ledger.nodes.decommission('n1', 5_000, 'A. Name', 'sold');
      await other.nodes.decommission('n1', 6_000, 'B. Name', 'again');
      await ledger.nodes.see(aNode('n1'));
      expect(await other.nodes.find('n1')).toEqual(aNode('n1', { decommissionedMs: 5_000 }));
      expect(await other.nodes.history('n1')).toEqual([
        { node: 'n1', atMs: 5_000, act: 'decommission', by: 'A. Name', reason: 'sold' },
      ]);
      await ledger.nodes.enrol(aNode('n1'));
      expect((await other.nodes.find('n1'))?.decommissionedMs).toBeNull();
      await expect(ledger.nodes.decommission('unknown', 1, 'A. Name', 'sold')).rejects.toBeInstanceOf(
        NotFoundError,
      );
    });

    test('appends versions of a declaration, and the same one again without a change', async () => {
      const first = aDeclaration({ version: 1, recordedMs: 1 });
      const second = aDeclaration({ version: 2, recordedMs: 2, behaviours: ['B1', 'B2'] });
      await ledger.declarations.append(first);
      await other.declarations.append(second);
      await other.declarations.append(keysReversed(first));
      expect(await ledger.declarations.list()).toEqual([first, second]);
    });

    test('refuses other content for a version that exists', async () => {
      await ledger.declarations.append(aDeclaration());
      const changed = aDeclaration({ behaviours: ['B3'] });
      await expect(other.declarations.append(changed)).rejects.toBeInstanceOf(ConflictError);
      expect(await ledger.declarations.list()).toEqual([aDeclaration()]);
    });

    test('opens one alert for a cause, grows it, and resolves it with its last finding', async () => {
      const [a, b] = [aFinding({ id: 'a', node: 'n1' }), aFinding({ id: 'b', node: 'n2', severity: 'high' })];
      const closed = { status: 'closed', updatedMs: 9_000, closedMs: 8_000 } as const;
      const steps = [];
      for (const finding of [a, b, { ...a, ...closed }, { ...b, ...closed }]) {
        steps.push(await ledger.alerts.take(finding));
      }
      expect(steps.map((step) => step?.change)).toEqual(['opened', 'grew', 'grew', 'resolved']);
      const [alert, ...others] = await ledger.alerts.alerts();
      expect(others).toEqual([]);
      expect(alert).toMatchObject({ ...steps.at(-1)?.alert, findings: ['a', 'b'] });
      expect(alert).toMatchObject({
        state: 'resolved',
        severity: 'high',
        resolvedMs: 8_000,
        nodes: ['n1', 'n2'],
      });
      const notices = await ledger.outbox.list();
      expect(notices.map(({ event }) => event)).toEqual(['opened', 'resolved']);
      expect(await ledger.alerts.alerts({ state: 'open' })).toEqual([]);
      expect((await ledger.alerts.findings({ status: 'closed' })).map(({ id }) => id)).toEqual(['a', 'b']);
    });

    test('changes nothing when the same findings come again, in any order', async () => {
      const open = aFinding();
      const closed = aFinding({ status: 'closed', updatedMs: 9_000, closedMs: 9_000 });
      for (const finding of [open, closed]) await ledger.alerts.take(finding);
      const before = [
        await ledger.alerts.alerts(),
        await ledger.alerts.findings(),
        await ledger.outbox.list(),
      ];
      for (const finding of [closed, open, open]) {
        expect((await other.alerts.take(finding))?.change).toBe('unchanged');
      }
      expect([
        await ledger.alerts.alerts(),
        await ledger.alerts.findings(),
        await ledger.outbox.list(),
      ]).toEqual(before);
    });

    test('opens a second alert for a cause that comes back after it was resolved', async () => {
      await ledger.alerts.take(aFinding({ id: 'a', status: 'closed', closedMs: 2_000 }));
      const again = await ledger.alerts.take(aFinding({ id: 'b', openedMs: 5_000, updatedMs: 5_000 }));
      expect(again?.change).toBe('opened');
      expect((await ledger.alerts.alerts()).map(({ state }) => state)).toEqual(['resolved', 'open']);
      expect((await ledger.outbox.list()).map(({ event }) => event).sort()).toEqual([
        'opened',
        'opened',
        'resolved',
      ]);
    });

    test('stores a finding of severity info and raises nothing', async () => {
      expect(await ledger.alerts.take(aFinding({ severity: 'info' }))).toBeNull();
      expect(await ledger.alerts.findings()).toEqual([aFinding({ severity: 'info' })]);
      expect(await ledger.alerts.alerts()).toEqual([]);
      expect(await ledger.outbox.list()).toEqual([]);
    });

    test('makes one alert and one notice of a cause that two services take at once', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `f${index}`);
      await Promise.all(
        ids.flatMap((id) =>
          [ledger, other].map(({ alerts }) => alerts.take(aFinding({ id, node: `n-${id}` }))),
        ),
      );
      const alerts = await ledger.alerts.alerts();
      expect(alerts).toHaveLength(1);
      expect([...(alerts[0]?.findings ?? [])].sort()).toEqual(ids.sort());
      expect(await ledger.outbox.list()).toHaveLength(1);
    });

    test('leaves nothing of a transaction that fails', async () => {
      const failure = new Error('halfway');
      const half = transact(ledger.database, async (db) => {
        await db.insertInto('cause').values({ cause: 'half', takes: 1 }).execute();
        throw failure;
      });
      await expect(half).rejects.toBe(failure);
      expect(await other.database.selectFrom('cause').selectAll().execute()).toEqual([]);
    });

    test('names the nodes that an alert concerns until it is resolved', async () => {
      await ledger.alerts.take(aFinding({ id: 'a', node: 'n1' }));
      await ledger.alerts.take(aFinding({ id: 'b', node: 'n2', cause: 'other' }));
      await ledger.alerts.take(aFinding({ id: 'c', node: 'n3', cause: 'quiet', severity: 'info' }));
      expect(await other.alerts.concerned()).toEqual(new Set(['n1', 'n2']));
      const end = { status: 'closed', updatedMs: 9_000, closedMs: 9_000 } as const;
      await ledger.alerts.take(aFinding({ id: 'a', node: 'n1', ...end }));
      expect(await other.alerts.concerned()).toEqual(new Set(['n2']));
    });

    test('holds times and counts beyond 32 bits as numbers', async () => {
      const firstSeenMs = Date.UTC(2200, 0);
      await ledger.nodes.see(aNode('n1', { firstSeenMs }));
      expect((await ledger.nodes.find('n1'))?.firstSeenMs).toBe(firstSeenMs);
    });

    nodeJoinContract(() => [ledger, other]);
    custodyContract(() => [ledger, other]);
    outboxContract(() => [ledger, other]);
    alertLifeContract(() => [ledger, other]);
    silenceContract(() => [ledger, other]);
    channelContract(() => [ledger, other]);
    peopleContract(() => [ledger, other]);
    assessmentContract(() => [ledger, other]);
  });

  upgradeContract(name, createWorld);

  test(`the ledger on ${name} migrates once when services start together`, async () => {
    const world = await createWorld();
    const ledgers = Array.from({ length: 4 }, () => world.open());
    await Promise.all(ledgers.map((ledger) => ledger.migrate()));
    await Promise.all(ledgers.map((ledger, index) => ledger.nodes.see(aNode(`n${index}`))));
    expect(await ledgers[0]?.nodes.list()).toHaveLength(4);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await world.dispose();
  });
}

/** Equal content whose text differs. */
const keysReversed = (declaration: Declaration): Declaration =>
  Object.fromEntries(Object.entries(declaration).reverse()) as unknown as Declaration;
