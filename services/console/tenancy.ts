import { buildRegister, declarationInForce } from '#libs/detect/register.ts';
import type { NodeRecord } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';

/** A time in which a node was a tenant's; `toMs` excluded. */
export interface Tenancy {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Whose a node was, oldest first. The register's word counts; without it, the declarations in force, as for its
 * assessments.
 * @param declarations those that cover the node, oldest first.
 */
export function tenanciesOf(record: NodeRecord, declarations: readonly Declaration[]): readonly Tenancy[] {
  if (record.tenant !== null) return [{ tenant: record.tenant, fromMs: 0, toMs: Number.POSITIVE_INFINITY }];
  if (declarations.length === 0) return [];
  const register = buildRegister([], declarations);
  const turns = declarations.flatMap(({ validFromMs, validToMs }) => [validFromMs, validToMs ?? validFromMs]);
  const sorted = [...new Set(turns)].sort((a, b) => a - b);
  return sorted.flatMap((fromMs, index) => {
    const inForce = declarationInForce(register, record.node, fromMs);
    const toMs = sorted[index + 1] ?? Number.POSITIVE_INFINITY;
    return inForce ? [{ tenant: inForce.tenant, fromMs, toMs }] : [];
  });
}
