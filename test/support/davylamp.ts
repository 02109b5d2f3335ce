import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Environment } from './process.ts';

const main = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the real command line to its end, as its own process with this environment alone, in a folder. */
export function davylamp(cwd: string, args: readonly string[], env: Environment = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env.PATH ?? '', ...env } };
    const child = execFile(process.execPath, [main, ...args], options, (_error, out, err) =>
      resolve({ status: child.exitCode ?? -1, out, err }),
    );
  });
}
