import type { Declaration } from '#libs/model/declaration.ts';
import { ConflictError } from '#libs/runtime/errors.ts';
import type { DeclarationRegister } from './port.ts';
import type { LedgerDatabase } from './schema.ts';

export function declarationRegister(db: LedgerDatabase): DeclarationRegister {
  return {
    async append(declaration) {
      const { id, version, recordedMs } = declaration;
      const body = bodyOf(declaration);
      await db
        .insertInto('declaration')
        .values({ id, version, recordedMs, body })
        .onConflict((conflict) => conflict.columns(['id', 'version']).doNothing())
        .execute();
      const kept = await db
        .selectFrom('declaration')
        .select('body')
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirstOrThrow();
      if (kept.body !== body) {
        const advice = 'expected the same content, or a new version';
        throw new ConflictError(`declaration ${id}@${version} exists with other content; ${advice}`);
      }
    },
    async list() {
      const rows = await db
        .selectFrom('declaration')
        .select('body')
        .orderBy('recordedMs')
        .orderBy('id')
        .orderBy('version')
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as Declaration);
    },
  };
}

/** Keys in fixed order, so that equal content is equal text. */
function bodyOf(declaration: Declaration): string {
  const { id, version, tenant, nodes, behaviours, validFromMs, validToMs, approver, recordedMs } =
    declaration;
  const envelope = declaration.envelope.map(({ metric, min, max }) => ({ metric, min, max }));
  return JSON.stringify({
    id,
    version,
    tenant,
    nodes,
    behaviours,
    envelope,
    validFromMs,
    validToMs,
    approver,
    recordedMs,
  } satisfies Declaration);
}
