import { buildRegister, declarationInForce } from '#libs/detect/register.ts';
import type { TenantTurn } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';

/** A time in which a node was a tenant's; `toMs` excluded. */
export interface Tenancy {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Whose a node was, oldest first. The register's word counts; where it names nobody, the declarations in force, as
 * for the node's assessments.
 * @param turns of the node by the register, oldest first; none: it names nobody.
 * @param declarations those that cover the node, oldest first.
 */
export function tenanciesOf(
  node: string,
  turns: readonly Pick<TenantTurn, 'fromMs' | 'tenant'>[],
  declarations: readonly Declaration[],
): readonly Tenancy[] {
  const all = turns[0]?.fromMs === 0 ? turns : [{ fromMs: 0, tenant: null }, ...turns];
  return all.flatMap(({ fromMs, tenant }, index) => {
    const toMs = all[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    return tenant === null ? declaredIn(node, fromMs, toMs, declarations) : [{ tenant, fromMs, toMs }];
  });
}

function declaredIn(
  node: string,
  fromMs: number,
  toMs: number,
  declarations: readonly Declaration[],
): readonly Tenancy[] {
  if (declarations.length === 0) return [];
  const register = buildRegister([], declarations);
  const turns = declarations.flatMap(({ validFromMs, validToMs }) => [validFromMs, validToMs ?? validFromMs]);
  const within = turns.filter((timeMs) => timeMs > fromMs && timeMs < toMs);
  const sorted = [...new Set([fromMs, ...within])].sort((a, b) => a - b);
  return sorted.flatMap((beginMs, index) => {
    const inForce = declarationInForce(register, node, beginMs);
    const endMs = sorted[index + 1] ?? toMs;
    return inForce ? [{ tenant: inForce.tenant, fromMs: beginMs, toMs: endMs }] : [];
  });
}
