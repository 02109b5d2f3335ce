import { resolve } from 'node:path';
import process from 'node:process';
import { Command, Option } from 'commander';
import { createLogger } from '#libs/runtime/logger.ts';
import type { Part } from '../backup/make.ts';
import { restoreBackup } from '../backup/restore.ts';
import { loadBackupConfig } from '../config.ts';
import { show } from '../output.ts';
import { describe } from './backup.ts';

interface Options {
  readonly force?: boolean;
  readonly without: readonly Part[];
  readonly json?: boolean;
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('put the state of an archive where the settings say: on one machine, or on servers')
    .argument('<file>', 'an archive made by `davylamp backup`')
    .option('--force', 'replace what is there')
    .addOption(
      new Option('--without <part...>', 'leave parts of the archive out')
        .choices(['bus', 'ledger', 'series', 'files'])
        .default([]),
    )
    .option('--json', 'print the manifest')
    .action(async (file: string, { force = false, without, json }: Options) => {
      const choice = { force, without: new Set(without) };
      const log = createLogger('cli', 'warn');
      const manifest = await restoreBackup(resolve(file), loadBackupConfig(), choice, log);
      const made = new Date(manifest.createdMs).toISOString();
      show(json, manifest, (it) => [`Restored what was there at ${made}:`, '', describe(it)].join('\n'));
      process.exitCode = 0;
    });
}
