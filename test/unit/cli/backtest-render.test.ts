import { expect, test } from 'vitest';
import { alertRate } from '#services/cli/backtest/alert-rate.ts';
import type { Outcome } from '#services/cli/backtest/compare.ts';
import type { Found } from '#services/cli/backtest/finding-book.ts';
import { render } from '#services/cli/backtest/render.ts';

function found(node: string, part: Partial<Found> = {}): Found {
  return {
    id: node,
    cause: 'c',
    node,
    site: 'hall',
    kind: 'deviation',
    severity: 'low',
    grade: 'C',
    openedMs: Date.UTC(2026, 0, 5, 8),
    foundMs: Date.UTC(2026, 0, 5, 8, 2),
    closedMs: null,
    onset: null,
    reason: 'cpu utilization ratio was 93.0 %',
    ...part,
  };
}

function outcome(findings: Partial<Outcome['findings']>): Outcome {
  const version = { origin: { parameters: 'as shipped', model: 'as shipped' }, changed: [], findings: 0 };
  return {
    source: { kind: 'bus', words: 'what the bus holds', unseen: ['x'], messages: 1, ticks: 0, labelled: 0 },
    versions: {
      a: { ...version, name: 'A', rate: alertRate([], 0) },
      b: {
        ...version,
        name: 'B',
        origin: { parameters: 'strict.json', model: 'as shipped' },
        changed: [{ name: 'ownPastZ', shipped: 6, value: 8 }],
        rate: alertRate([], 1),
      },
    },
    findings: { onlyA: [], onlyB: [], changed: [], same: 0, ...findings },
    windows: { nodes: [], turns: [] },
  };
}

test('what a version changes stands beside its name', () => {
  expect(render(outcome({}))).toMatch(
    /^A {2}parameters as shipped, model as shipped\nB {2}parameters strict.json \(ownPastZ 6 → 8\), /,
  );
});

test('findings of simulated sites say that they are', () => {
  const text = render(outcome({ onlyA: [found('n1', { site: 'simulated-hall' }), found('n2')] }));
  expect(text).toMatch(
    /n1 +simulated-hall \(simulated\) +deviation +low +2026-01-05T08:00:00Z +2026-01-05T08:02:00Z +–/,
  );
  expect(text).toMatch(/n2 +hall +deviation/);
});

test('a finding of both shows only what differs as a turn', () => {
  const b = found('n1', { severity: 'high', onset: { fromMs: 0, toMs: 60_000 } });
  const text = render(outcome({ changed: [{ a: found('n1'), b, differs: ['severity', 'onset'] }] }));
  expect(text).toMatch(
    /n1 .*2026-01-05T08:00:00Z +low → high +2026-01-05T08:02:00Z +– → 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z/,
  );
});

test('long lists end with how many more there are', () => {
  const text = render(outcome({ onlyB: Array.from({ length: 53 }, (_, index) => found(`n${index}`)) }));
  expect(text).toContain('… and 3 more findings: see --json');
  expect(text).not.toContain('n50 ');
});

test('where nothing was watched there is no rate', () => {
  expect(render(outcome({}))).toMatch(/A +0 +0.00 +– +–/);
});
