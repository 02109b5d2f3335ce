import { randomBytes } from 'node:crypto';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { openLedger } from '#libs/ledger/open.ts';
import { postgresDialect } from '#libs/ledger/postgres.ts';
import type { LedgerTables } from '#libs/ledger/schema.ts';
import { LedgerRefusedError, LedgerUnavailableError } from '#libs/runtime/errors.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { freshDatabase, onPostgres } from '#test/support/postgres.ts';
import { type LedgerWorld, ledgerContract } from './contract.ts';
import { aFinding, aNode } from './samples.ts';

const url = process.env.DAVYLAMP_TEST_POSTGRES;

async function postgresWorld(): Promise<LedgerWorld & { readonly database: string }> {
  const database = await freshDatabase(url ?? '');
  const open = (postgresUrl: string) => openLedger({ dataDir: 'unused', ledger: 'postgres', postgresUrl });
  return {
    database: database.name,
    open: () => open(database.url),
    openAbsent: () => open('postgres://nobody@127.0.0.1:9/absent'),
    dispose: () => database.drop(),
  };
}

describeServer('DAVYLAMP_TEST_POSTGRES', 'PostgreSQL', () => {
  ledgerContract('PostgreSQL', postgresWorld);

  test('says of what it cannot hold that it never will, and takes the next', async () => {
    const world = await postgresWorld();
    const ledger = world.open();
    await ledger.migrate();
    const stored = { node: 'n1', fate: 'stored', from: 1, to: 1 } as const;
    for (const boot of ['a\u0000b', randomBytes(4_000).toString('hex')]) {
      await expect(ledger.custody.account([{ ...stored, boot }])).rejects.toBeInstanceOf(LedgerRefusedError);
    }
    await ledger.custody.account([{ ...stored, boot: 'b1' }]);
    expect(await ledger.custody.balance()).toHaveLength(1);
    await ledger.close();
    await world.dispose();
  });

  test('goes on after the server has ended its connections', async () => {
    const world = await postgresWorld();
    const ledger = world.open();
    await ledger.migrate();
    await ledger.nodes.see(aNode('n1'));
    await onPostgres(
      url ?? '',
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${world.database}'`,
    );
    const outcome = await ledger.nodes.list().catch(() => ledger.nodes.list());
    expect(outcome).toEqual([aNode('n1')]);
    await ledger.close();
    await world.dispose();
  });

  test('leaves nothing of a transaction whose connection is cut, and takes the finding again', async () => {
    const world = await postgresWorld();
    const [ledger, other] = [world.open(), world.open()];
    await ledger.migrate();
    const cut = ledger.database.transaction().execute(async (db) => {
      await db.insertInto('cause').values({ cause: 'cut', takes: 1 }).execute();
      await onPostgres(
        url ?? '',
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${world.database}'`,
      );
      await db.insertInto('cause').values({ cause: 'cut too', takes: 1 }).execute();
    });
    await expect(cut).rejects.toMatchObject({ code: 'DAVYLAMP_LEDGER_UNAVAILABLE', retryable: true });
    expect(await other.database.selectFrom('cause').selectAll().execute()).toEqual([]);
    expect((await ledger.alerts.take(aFinding()))?.change).toBe('opened');
    await Promise.all([ledger.close(), other.close()]);
    await world.dispose();
  });

  test('gives up a server that stalls, with its connections, and goes on when it answers again', async () => {
    const world = await postgresWorld();
    const direct = world.open();
    await direct.migrate();
    await direct.close();
    const { hostname: host, port, username } = new URL(url ?? '');
    await using server = await startFlakyProxy({ host, port: Number(port) });
    const stalling = `postgres://${username}@127.0.0.1:${server.port}/${world.database}`;
    const database = new Kysely<LedgerTables>({ dialect: postgresDialect(stalling, 500) });
    const insert = (cause: string) =>
      database.transaction().execute((db) => db.insertInto('cause').values({ cause, takes: 1 }).execute());
    await insert('before');
    server.mode = 'stall';
    const beganMs = performance.now();
    await expect(insert('during')).rejects.toBeInstanceOf(LedgerUnavailableError);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    server.mode = 'pass';
    await insert('after');
    const causes = await database.selectFrom('cause').select('cause').orderBy('cause').execute();
    expect(causes).toEqual([{ cause: 'after' }, { cause: 'before' }]);
    await database.destroy();
    await world.dispose();
  });
});
