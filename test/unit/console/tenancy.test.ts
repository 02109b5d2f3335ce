import { expect, test } from 'vitest';
import type { Declaration } from '#libs/model/declaration.ts';
import { type Tenancy, tenanciesOf } from '#services/console/tenancy.ts';

const FOREVER = Number.POSITIVE_INFINITY;

const declared = (
  tenant: string,
  validFromMs: number,
  validToMs: number | null,
  version = 1,
): Declaration => ({
  id: 'd',
  version,
  tenant,
  nodes: ['n'],
  behaviours: ['B1'],
  envelope: [],
  validFromMs,
  validToMs,
  approver: 'A. Person',
  recordedMs: version,
});

const texts = (tenancies: readonly Tenancy[]) =>
  tenancies.map(({ tenant, fromMs, toMs }) => `${tenant} ${fromMs}–${toMs}`);

test('a node that nobody names is nobody’s', () => {
  expect(tenanciesOf('n', [], [])).toEqual([]);
});

test('by the register, a node is its first tenant’s from its beginning, and each next one’s from the turn', () => {
  const turns = [
    { fromMs: 0, tenant: 'a' },
    { fromMs: 100, tenant: null },
    { fromMs: 200, tenant: 'b' },
  ];
  expect(texts(tenanciesOf('n', turns, []))).toEqual(['a 0–100', `b 200–${FOREVER}`]);
});

test('where the register names nobody, the declaration in force does', () => {
  const versions = [declared('a', 10, null), declared('b', 50, 80, 2)];
  expect(texts(tenanciesOf('n', [], versions))).toEqual(['a 10–50', 'b 50–80']);
});

test('the register’s word goes before a declaration’s', () => {
  const turns = [
    { fromMs: 0, tenant: 'a' },
    { fromMs: 100, tenant: null },
  ];
  expect(texts(tenanciesOf('n', turns, [declared('b', 50, 200)]))).toEqual(['a 0–100', 'b 100–200']);
});
