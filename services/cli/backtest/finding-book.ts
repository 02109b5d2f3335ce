import type { TimeInterval } from '#libs/model/assessment.ts';
import type { Grade } from '#libs/model/behaviour.ts';
import type { Finding, FindingKind, Severity } from '#libs/model/finding.ts';

/** One finding as a version left it, without what only a case needs. */
export interface Found {
  readonly id: string;
  readonly cause: string;
  readonly node: string;
  readonly site: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly grade: Grade;
  /** End of its first window. */
  readonly openedMs: number;
  /** Event time of the evidence with which it opened: when people could know. */
  readonly foundMs: number;
  /** null: it went on. */
  readonly closedMs: number | null;
  readonly onset: TimeInterval | null;
  /** Its first reason, in a sentence. */
  readonly reason: string | null;
}

/** Every finding of one version, as it was last published. */
export class FindingBook {
  readonly #found = new Map<string, Found>();

  take(finding: Finding): void {
    const { id, cause, node, site, kind, severity, grade, openedMs, closedMs, onset } = finding;
    this.#found.set(id, {
      id,
      cause,
      node,
      site,
      kind,
      severity,
      grade,
      openedMs,
      foundMs: this.#found.get(id)?.foundMs ?? finding.updatedMs,
      closedMs,
      onset,
      reason: finding.reasons[0]?.text ?? null,
    });
  }

  /** By time, node and kind. */
  all(): readonly Found[] {
    return [...this.#found.values()].sort(
      (a, b) => a.openedMs - b.openedMs || compare(a.node, b.node) || compare(a.kind, b.kind),
    );
  }
}

/** What of a finding that both versions have is not the same. */
export const DIFFERENCES = ['severity', 'onset', 'beginning', 'found at'] as const;
export type Difference = (typeof DIFFERENCES)[number];

export interface Changed {
  readonly a: Found;
  readonly b: Found;
  readonly differs: readonly Difference[];
}

export interface Pairing {
  readonly onlyA: readonly Found[];
  readonly onlyB: readonly Found[];
  readonly changed: readonly Changed[];
  /** Findings that both have, and that say the same. */
  readonly same: number;
}

/**
 * Pairs the findings of two versions: of one node and kind, with times that overlap, each at most once, in order of
 * time. A finding of one version that is two in the other is paired with the first of them.
 */
export function pair(a: readonly Found[], b: readonly Found[]): Pairing {
  const others = Map.groupBy(b, keyOf);
  const onlyA: Found[] = [];
  const pairs: (readonly [Found, Found])[] = [];
  const paired = new Set<string>();
  for (const one of a) {
    const candidates = (others.get(keyOf(one)) ?? []).filter(({ id }) => !paired.has(id));
    const twin =
      candidates.find(({ id }) => id === one.id) ?? candidates.find((other) => overlaps(one, other));
    if (twin === undefined) {
      onlyA.push(one);
      continue;
    }
    paired.add(twin.id);
    pairs.push([one, twin]);
  }
  const compared = pairs.map(([one, other]) => ({ a: one, b: other, differs: differences(one, other) }));
  const changed = compared.filter(({ differs }) => differs.length > 0);
  return {
    onlyA,
    onlyB: b.filter(({ id }) => !paired.has(id)),
    changed,
    same: compared.length - changed.length,
  };
}

function differences(a: Found, b: Found): Difference[] {
  const same: Readonly<Record<Difference, boolean>> = {
    severity: a.severity === b.severity,
    onset: a.onset?.fromMs === b.onset?.fromMs && a.onset?.toMs === b.onset?.toMs,
    beginning: a.openedMs === b.openedMs,
    'found at': a.foundMs === b.foundMs,
  };
  return DIFFERENCES.filter((one) => !same[one]);
}

function overlaps(a: Found, b: Found): boolean {
  const end = ({ closedMs }: Found) => closedMs ?? Number.POSITIVE_INFINITY;
  return a.openedMs <= end(b) && b.openedMs <= end(a);
}

function keyOf({ node, kind }: Found): string {
  return `${node}/${kind}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
