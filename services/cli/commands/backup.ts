import { resolve } from 'node:path';
import process from 'node:process';
import { Command, Option } from 'commander';
import { createLogger } from '#libs/runtime/logger.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { assertTarget } from '../backup/archive.ts';
import { makeBackup, type Part } from '../backup/make.ts';
import type { Manifest } from '../backup/manifest.ts';
import { loadBackupConfig } from '../config.ts';
import { show, table } from '../output.ts';
import { assertPresent } from '../ports.ts';

interface Options {
  readonly force?: boolean;
  readonly without: readonly Part[];
  readonly json?: boolean;
}

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy all state into one archive, while services go on; it holds keys: keep it safe')
    .argument('<file>', 'where to write it, .tar.gz')
    .option('--force', 'replace an archive that is there')
    .addOption(
      new Option('--without <part...>', 'leave parts out').choices(['bus', 'series', 'files']).default([]),
    )
    .option('--json', 'print the manifest')
    .action(async (file: string, { force = false, without, json }: Options) => {
      const target = resolve(file);
      const settings = loadBackupConfig();
      assertTarget(target, settings, force);
      assertPresent(settings, 'ledger');
      const facts = { version: packageJson.version, nowMs: Date.now() };
      const log = createLogger('cli', 'warn');
      const manifest = await makeBackup(target, settings, new Set(without), facts, log);
      show(json, manifest, (made) => [`${file} holds`, '', describe(made)].join('\n'));
      process.exitCode = 0;
    });
}

/** What an archive holds, and what not. */
export function describe({ members, missing }: Pick<Manifest, 'members' | 'missing'>): string {
  const parts = Map.groupBy(members, ({ path }) => path.split('/')[0] ?? '');
  const sum = (list: readonly { count: number | null }[]) =>
    list.reduce((total, { count }) => total + (count ?? 0), 0);
  const rows = [...parts].map(([part, list]) => [
    part,
    list.length,
    sum(list),
    list.reduce((total, { bytes }) => total + bytes, 0),
  ]);
  return [
    table(['part', 'files', 'rows', 'bytes'], rows),
    ...(missing.length === 0 ? [] : ['', 'Not in it:', ...missing.map((sentence) => `  ${sentence}`)]),
  ].join('\n');
}
