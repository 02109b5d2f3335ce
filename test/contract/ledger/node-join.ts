import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import type { NodeJoin } from '#libs/ledger/port.ts';
import { aNode } from './samples.ts';

const aJoin = (node: string, grant: string, given: Partial<NodeJoin> = {}): NodeJoin => ({
  node,
  grant,
  isNamed: false,
  site: 'hall-9',
  tenant: 'tenant-9',
  publicKey: `key of ${node}`,
  credentialHash: `hash of ${grant}`,
  atMs: 7_000,
  ...given,
});

/** Nodes that join by one-time grants, through any of several gateways. */
export function nodeJoinContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  test('a grant enrols one node, whoever is asked afterwards', async () => {
    const [ledger, other] = ledgers();
    expect(await ledger.nodes.join(aJoin('n1', 'g1'))).toBe('joined');
    const record = await other.nodes.find('n1');
    expect(record).toMatchObject({ site: 'hall-9', tenant: 'tenant-9', publicKey: 'key of n1' });
    expect(record).toMatchObject({ enrolled: true, credentialHash: 'hash of g1', firstSeenMs: 7_000 });
    expect(await other.nodes.join(aJoin('n2', 'g1'))).toBe('spent');
    expect(await other.nodes.join(aJoin('n1', 'g1', { isNamed: true }))).toBe('spent');
    expect((await ledger.nodes.list()).map(({ node }) => node)).toEqual(['n1']);
    expect(await ledger.nodes.turns()).toEqual([{ node: 'n1', fromMs: 0, tenant: 'tenant-9' }]);
  });

  test('of many that come by one grant at once, one is let in', async () => {
    const [ledger, other] = ledgers();
    const joins = Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? ledger : other).nodes.join(aJoin(`n${index}`, 'g1')),
    );
    expect((await Promise.all(joins)).filter((outcome) => outcome !== 'spent')).toEqual(['joined']);
    expect(await ledger.nodes.list()).toHaveLength(1);
  });

  test('of many that take one name at once, one gets it, and the grants of the others stay good', async () => {
    const [ledger, other] = ledgers();
    const grants = Array.from({ length: 6 }, (_, index) => `g${index}`);
    const joins = grants.map((grant, index) =>
      (index % 2 === 0 ? ledger : other).nodes.join(aJoin('n1', grant)),
    );
    const outcomes = await Promise.all(joins);
    expect(outcomes.filter((outcome) => outcome !== 'known')).toEqual(['joined']);
    const winner = grants[outcomes.indexOf('joined')];
    expect((await ledger.nodes.find('n1'))?.credentialHash).toBe(`hash of ${winner}`);
    for (const grant of grants.filter((it) => it !== winner))
      expect(await other.nodes.join(aJoin(`n of ${grant}`, grant))).toBe('joined');
  });

  test('a grant for any node changes nothing of one that is known, with its own key either', async () => {
    const [ledger, other] = ledgers();
    const known = aNode('n1', { publicKey: 'key of n1', credentialHash: 'own' });
    await ledger.nodes.enrol(known);
    await ledger.nodes.see(aNode('n2'));
    for (const node of ['n1', 'n2']) expect(await other.nodes.join(aJoin(node, 'g1'))).toBe('known');
    expect(await ledger.nodes.list()).toEqual([known, aNode('n2')]);
  });

  test('a grant in its name lets a known node join anew, also one that was out of service', async () => {
    const [ledger, other] = ledgers();
    await ledger.nodes.see(aNode('n1', { hardware: '8x H100', firstSeenMs: 3_000 }));
    await ledger.nodes.decommission('n1', 5_000, 'A. Name', 'sold');
    expect(await other.nodes.join(aJoin('n1', 'g1', { isNamed: true }))).toBe('joined');
    expect(await ledger.nodes.find('n1')).toEqual({
      ...aNode('n1', { site: 'hall-9', tenant: 'tenant-9', hardware: '8x H100', firstSeenMs: 3_000 }),
      ...{ publicKey: 'key of n1', enrolled: true, credentialHash: 'hash of g1', decommissionedMs: null },
    });
  });
}
