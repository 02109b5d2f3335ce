import { join } from 'node:path';
import { CamelCasePlugin, type Dialect, Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Problem } from '#libs/runtime/config.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { makePrivateDatabase } from '#libs/runtime/private-file.ts';
import { choice, dataDirSetting } from '#libs/runtime/settings.ts';
import { alertBook } from './alerts.ts';
import { assessmentRegister } from './assessments.ts';
import { channelRegister } from './channels.ts';
import { custody } from './custody.ts';
import { declarationRegister } from './declarations.ts';
import { migrate } from './migrate.ts';
import { nodeRegister } from './nodes.ts';
import { outbox } from './outbox.ts';
import { peopleRegister } from './people.ts';
import type { Ledger } from './port.ts';
import { postgresDialect } from './postgres.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { silenceBook } from './silences.ts';
import { sqliteDialect } from './sqlite.ts';

const POSTGRES_EXPECTED = 'expected postgres://user:password@host:port/database';

/** The settings of the ledger, to spread into a service's schema. */
export const ledgerSettings = {
  ...dataDirSetting,
  ledger: choice(['embedded', 'postgres']).default('embedded').describe('Where the ledger is kept.'),
  postgresUrl: z
    .string(POSTGRES_EXPECTED)
    .regex(/^postgres(ql)?:\/\//, POSTGRES_EXPECTED)
    .optional()
    .meta({ description: 'Address of PostgreSQL, where ledger is postgres.', secret: true }),
};

export type LedgerSettings = z.infer<z.ZodObject<typeof ledgerSettings>>;

/** What of the settings does not fit together. */
export function ledgerProblems({ ledger, postgresUrl }: LedgerSettings): readonly Problem[] {
  if (ledger !== 'postgres' || postgresUrl !== undefined) return [];
  return [{ key: 'postgresUrl', message: `${POSTGRES_EXPECTED}, because ledger is postgres` }];
}

/** The ledger, with its database for the embedded job store, which keeps its rows beside it. */
export interface OpenLedger extends Ledger {
  readonly database: LedgerDatabase;
}

/**
 * Opens the ledger: `ledger.db` in `dataDir`, or PostgreSQL. Connects with the first call; `ledger.close()` closes
 * the database too.
 * @throws ConfigError when `ledger` is `postgres` and `postgresUrl` is missing, or `dataDir` cannot be made.
 */
export function openLedger(settings: LedgerSettings): OpenLedger {
  const database = new Kysely<LedgerTables>({
    dialect: dialectOf(settings),
    plugins: [new CamelCasePlugin()],
  });
  return { ...ledgerOn(database), database };
}

function dialectOf({ ledger, dataDir, postgresUrl }: LedgerSettings): Dialect {
  if (ledger === 'embedded') return sqliteDialect(madeFile(dataDir));
  if (postgresUrl) return postgresDialect(postgresUrl);
  throw new ConfigError(`postgresUrl: ${POSTGRES_EXPECTED}, because ledger is postgres`);
}

function madeFile(dataDir: string): string {
  const path = join(dataDir, 'ledger.db');
  try {
    makePrivateDatabase(path);
    return path;
  } catch (cause) {
    throw new ConfigError(`dataDir: expected a folder that can be written to, got ${dataDir}`, { cause });
  }
}

function ledgerOn(db: LedgerDatabase): Ledger {
  return {
    migrate: () => migrate(db),
    nodes: nodeRegister(db),
    declarations: declarationRegister(db),
    alerts: alertBook(db),
    silences: silenceBook(db),
    outbox: outbox(db),
    channels: channelRegister(db),
    people: peopleRegister(db),
    assessments: assessmentRegister(db),
    custody: custody(db),
    check: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
}
