import type { FindingKind } from '#libs/model/finding.ts';
import type { Silence, SilenceScope } from '#libs/model/silence.ts';

/** What of an alert decides whether a silence covers it. */
export interface Subject {
  readonly id: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly kind: FindingKind;
}

/** From its beginning on, up to its end, which is not part of it; a person may have ended it before. */
export function isActive({ fromMs, untilMs, endedMs }: Silence, nowMs: number): boolean {
  return fromMs <= nowMs && nowMs < Math.min(untilMs, endedMs ?? untilMs);
}

/** @param openNodes the nodes of the alert's open findings. */
export function covers(scope: SilenceScope, subject: Subject, openNodes: readonly string[]): boolean {
  const { alert, site, tenant, kind, nodes } = scope;
  return (
    fits(alert, subject.id) &&
    fits(site, subject.site) &&
    fits(tenant, subject.tenant) &&
    fits(kind, subject.kind) &&
    (nodes === undefined || (openNodes.length > 0 && openNodes.every((node) => nodes.includes(node))))
  );
}

/** Of the silences that cover the alert now, the one that lasts longest; null: it is covered by none. */
export function coverOf(
  silences: readonly Silence[],
  subject: Subject,
  openNodes: readonly string[],
  nowMs: number,
): Silence | null {
  const covering = silences.filter((one) => isActive(one, nowMs) && covers(one.scope, subject, openNodes));
  return covering.reduce<Silence | null>(
    (longest, one) => (longest === null || one.untilMs > longest.untilMs ? one : longest),
    null,
  );
}

function fits<T>(expected: T | undefined, actual: T | null): boolean {
  return expected === undefined || expected === actual;
}
