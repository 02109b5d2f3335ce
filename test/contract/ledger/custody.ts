import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import { type CustodyEntry, FATES, type LossRow, type LossTotals } from '#libs/ledger/port.ts';
import { NotFoundError } from '#libs/runtime/errors.ts';

/** What happened to every frame, however often and in whatever order it is told. */
export function custodyContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  const run = (fate: CustodyEntry['fate'], from: number, to: number): CustodyEntry => ({
    node: 'n1',
    boot: 'b1',
    fate,
    from,
    to,
  });

  test('adds up runs that touch, overlap or leave gaps', async () => {
    const [ledger] = ledgers();
    await ledger.custody.account([run('stored', 1, 5), run('stored', 6, 9), run('stored', 4, 7)]);
    await ledger.custody.account([run('stored', 12, 12), run('dropped', 13, 14)]);
    expect(await ledger.custody.balance()).toEqual([
      { node: 'n1', boot: 'b1', sent: 14, stored: 10, dead: 0, dropped: 2, inFlight: 2 },
    ]);
    expect(await ledger.database.selectFrom('run').selectAll().execute()).toHaveLength(3);
  });

  test('counts a frame that was dead and re-driven as stored', async () => {
    const [ledger] = ledgers();
    await ledger.custody.account([run('stored', 1, 4), run('dead', 5, 6)]);
    await ledger.custody.account([run('stored', 5, 5)]);
    expect(await ledger.custody.balance()).toMatchObject([{ sent: 6, stored: 5, dead: 1, inFlight: 0 }]);
  });

  test('keeps boots of a node apart', async () => {
    const [ledger] = ledgers();
    await ledger.custody.account([run('stored', 1, 4), { ...run('stored', 1, 2), boot: 'b2' }]);
    expect((await ledger.custody.balance()).map(({ boot, stored }) => [boot, stored])).toEqual([
      ['b1', 4],
      ['b2', 2],
    ]);
  });

  test('takes hundreds of nodes in one call, from two writers at once', async () => {
    const entries = Array.from({ length: 700 }, (_, index) => ({
      ...run('stored', 1, 6),
      node: `n${index}`,
    }));
    await Promise.all(ledgers().map((ledger) => ledger.custody.account(entries)));
    const rows = await ledgers()[0].custody.balance();
    expect(rows).toHaveLength(700);
    expect(rows.every(({ stored, inFlight }) => stored === 6 && inFlight === 0)).toBe(true);
  });

  test('pages through agents, and through those alone that have lost frames', async () => {
    const [ledger, other] = ledgers();
    const entries = Array.from({ length: 7 }, (_, index) => ({
      ...run(index % 3 === 0 ? 'dead' : 'stored', 1, 6),
      node: `n${index}`,
    }));
    await ledger.custody.account(entries);
    const nodes = async (query: { readonly losses?: true; readonly node?: string }) => {
      const pages: string[][] = [];
      for (let after: string | null | undefined; after !== null; ) {
        const page = await other.custody.page({
          ...query,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        pages.push(page.rows.map(({ node }) => node));
        after = page.next;
      }
      return pages;
    };
    expect(await nodes({})).toEqual([['n0', 'n1'], ['n2', 'n3'], ['n4', 'n5'], ['n6']]);
    expect(await nodes({ losses: true })).toEqual([['n0', 'n3'], ['n6']]);
    expect(await nodes({ node: 'n4' })).toEqual([['n4']]);
    expect(await nodes({ node: 'unknown' })).toEqual([[]]);
    const nonsense = ledger.custody.page({ limit: 1, after: 'nonsense' });
    await expect(nonsense).rejects.toBeInstanceOf(NotFoundError);
  });

  test('adds up whatever was stored, also numbers that no agent counts to', async () => {
    const [ledger] = ledgers();
    const { MAX_SAFE_INTEGER: absurd } = Number;
    const entries = Array.from({ length: 1_100 }, (_, index) => ({
      ...run('stored', index % 2 === 0 ? 1 : absurd, absurd),
      node: `n${index}`,
    }));
    await ledger.custody.account(entries);
    const { chains, sent, stored, inFlight } = await ledger.custody.totals();
    expect(chains).toBe(1_100);
    expect(sent / absurd).toBeCloseTo(1_100);
    expect(stored / absurd).toBeCloseTo(550);
    expect(inFlight / absurd).toBeCloseTo(550);
    expect(await ledger.custody.balance()).toHaveLength(1_100);
  });

  test('equals a set of numbers, whatever comes twice, late or from two writers', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anEntry, { maxLength: 6 }), { maxLength: 6 }), async (calls) => {
        const node = `p${round++}`;
        const mine = calls.map((call) => call.map((entry) => ({ ...entry, node })));
        const [ledger, other] = ledgers();
        await Promise.all([
          ...mine.map((call) => ledger.custody.account(call)),
          ...mine.map((call) => other.custody.account(call)),
        ]);
        const rows = (await ledger.custody.balance()).filter((row) => row.node === node);
        expect(rows).toEqual(expectedRows(node, mine.flat()));
        expect(await other.custody.totals()).toEqual(sumOf(await ledger.custody.balance()));
      }),
      { numRuns: 15 },
    );
  });
}

const anEntry = fc
  .record({
    boot: fc.constantFrom('b1', 'b2'),
    fate: fc.constantFrom(...FATES),
    from: fc.integer({ min: 1, max: 30 }),
    length: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ boot, fate, from, length }) => ({ boot, fate, from, to: from + length - 1 }));

function sumOf(rows: readonly LossRow[]): LossTotals & { readonly chains: number } {
  const sum = (key: keyof LossTotals) => rows.reduce((total, row) => total + row[key], 0);
  const [sent, stored, dead] = [sum('sent'), sum('stored'), sum('dead')];
  return { chains: rows.length, sent, stored, dead, dropped: sum('dropped'), inFlight: sum('inFlight') };
}

/** The balance by brute force: every number by itself, its best fate counting. */
function expectedRows(node: string, entries: readonly CustodyEntry[]): LossRow[] {
  const boots = [...new Set(entries.map(({ boot }) => boot))].sort();
  return boots.map((boot) => {
    const own = entries.filter((entry) => entry.boot === boot);
    const sent = Math.max(...own.map(({ to }) => to));
    const fates = Array.from({ length: sent }, (_, index) =>
      FATES.find((fate) =>
        own.some((entry) => entry.fate === fate && entry.from <= index + 1 && index + 1 <= entry.to),
      ),
    );
    const count = (fate: (typeof FATES)[number] | undefined) => fates.filter((each) => each === fate).length;
    return {
      node,
      boot,
      sent,
      stored: count('stored'),
      dead: count('dead'),
      dropped: count('dropped'),
      inFlight: count(undefined),
    };
  });
}
