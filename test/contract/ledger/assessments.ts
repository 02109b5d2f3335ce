import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { aFinding, aNode } from './samples.ts';

const anAssessment = (windowEndMs: number, given: Partial<Assessment> = {}): Assessment => ({
  node: 'n1',
  site: 'hall-1',
  tenant: 'tenant-1',
  windowStartMs: windowEndMs - 60_000,
  windowEndMs,
  revision: `r${windowEndMs}`,
  detector: 'test 1',
  declaration: 'd1@1',
  behaviours: { B1: 0.4, B4: 0.6 },
  conformity: 'deviates',
  grade: 'C',
  heartbeat: 'present',
  coverageRatio: 1,
  reasons: [
    { rule: 'envelope', metric: 'node_power_watts', weight: 2, observed: 950, expected: 900, text: 'é' },
  ],
  counterReasons: [],
  onset: { fromMs: 1, toMs: 2 },
  unseen: ['the GPU'],
  ...given,
});

const ALL = { beforeMs: Number.MAX_SAFE_INTEGER, limit: 100 };

/** The assessments that are kept, and who a node's tenant was. */
export function assessmentContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  test('keeps assessments whole, newest first, and the same again without a change', async () => {
    const [ledger, other] = ledgers();
    const kept = [anAssessment(60_000), anAssessment(120_000), anAssessment(180_000)];
    await ledger.assessments.keep(kept);
    await other.assessments.keep([...kept, ...kept]);
    expect(await other.assessments.list('n1', ALL)).toEqual(kept.toReversed());
    expect(await other.assessments.list('n1', { beforeMs: 180_000, limit: 1 })).toEqual([kept[1]]);
    expect(await other.assessments.list('n2', ALL)).toEqual([]);
  });

  test('keeps a fleet’s at once', async () => {
    const [ledger] = ledgers();
    const nodes = Array.from({ length: 2_500 }, (_, i) => `n${i}`);
    await ledger.assessments.keep(nodes.map((node) => anAssessment(60_000, { node })));
    expect(await ledger.assessments.newest(nodes)).toHaveLength(nodes.length);
    await ledger.assessments.keep([]);
    expect(await ledger.assessments.newest([])).toEqual([]);
  });

  test('gives the newest verdict of each node; of several revisions the same one always', async () => {
    const [ledger, other] = ledgers();
    await ledger.assessments.keep([
      anAssessment(60_000),
      anAssessment(120_000, { revision: 'b', grade: 'D' }),
      anAssessment(120_000, { revision: 'a', grade: 'X' }),
      anAssessment(60_000, { node: 'n2', behaviours: { B0: 1 }, heartbeat: 'blind' }),
    ]);
    const verdicts = await other.assessments.newest(['n1', 'n2', 'n3']);
    expect(verdicts.toSorted((a, b) => (a.node < b.node ? -1 : 1))).toEqual([
      {
        ...{ node: 'n1', windowEndMs: 120_000, behaviour: 'B4', conformity: 'deviates' },
        ...{ grade: 'D', heartbeat: 'present' },
      },
      {
        ...{ node: 'n2', windowEndMs: 60_000, behaviour: 'B0', conformity: 'deviates' },
        ...{ grade: 'C', heartbeat: 'blind' },
      },
    ]);
  });

  test('gives the verdicts of a time by window end and node', async () => {
    const [ledger] = ledgers();
    const times = [300_000, 60_000, 120_000, 180_000, 240_000];
    await ledger.assessments.keep(
      times.flatMap((ms) => ['n2', 'n1'].map((node) => anAssessment(ms, { node }))),
    );
    const found = await ledger.assessments.verdicts(120_000, 240_000);
    expect(found.map(({ node, windowEndMs }) => `${node}@${windowEndMs / 60_000}`)).toEqual([
      'n1@2',
      'n2@2',
      'n1@3',
      'n2@3',
    ]);
  });

  test('forgets what is old, unless a finding rests on it', async () => {
    const [ledger] = ledgers();
    const kept = [60_000, 120_000, 180_000].map((ms) => anAssessment(ms));
    await ledger.assessments.keep([...kept, anAssessment(60_000, { node: 'n2' })]);
    await ledger.alerts.take(
      aFinding({ node: 'n1', assessments: [{ windowEndMs: 60_000, revision: 'r60000' }] }),
    );
    await ledger.assessments.prune(180_000);
    expect(await ledger.assessments.list('n1', ALL)).toEqual([kept[2], kept[0]]);
    expect(await ledger.assessments.list('n2', ALL)).toEqual([]);
  });

  test('gives of many findings the open ones first, then the newest', async () => {
    const [ledger] = ledgers();
    const finding = (id: string, updatedMs: number, status: 'open' | 'closed') =>
      aFinding({ id, updatedMs, status, closedMs: status === 'closed' ? updatedMs : null });
    for (const one of [
      finding('a', 1_000, 'open'),
      finding('b', 4_000, 'closed'),
      finding('c', 3_000, 'closed'),
      finding('d', 2_000, 'open'),
    ]) {
      await ledger.alerts.take(one);
    }
    const found = await ledger.alerts.findings({ node: 'n1', newest: 3 });
    expect(found.map(({ id }) => id)).toEqual(['d', 'a', 'b']);
  });

  test('knows whose a node was: its first tenant’s from the beginning, another’s from the turn', async () => {
    const [ledger, other] = ledgers();
    await ledger.nodes.see(aNode('n1', { tenant: null }));
    await ledger.nodes.enrol(aNode('n1', { tenant: 'a', enrolled: true }));
    const beforeMs = Date.now();
    await other.nodes.enrol(aNode('n1', { tenant: 'a', enrolled: true }));
    await other.nodes.enrol(aNode('n1', { tenant: 'b', enrolled: true }));
    await ledger.nodes.see(aNode('n2', { tenant: 'b' }));
    await ledger.nodes.see(aNode('n2', { tenant: 'c' }));
    await ledger.nodes.see(aNode('n3', { tenant: null }));
    const turns = await other.nodes.turns();
    expect(turns.map(({ node, tenant }) => `${node} ${tenant}`)).toEqual(['n1 a', 'n1 b', 'n2 b']);
    expect(turns[0]?.fromMs).toBe(0);
    expect(turns[1]?.fromMs).toBeGreaterThanOrEqual(beforeMs);
    expect(turns[2]?.fromMs).toBe(0);
  });
}
