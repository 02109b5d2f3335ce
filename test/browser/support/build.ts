import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const script = join(import.meta.dirname, '../../../services/console/build-pages.ts');

/** Builds the pages before the tests of them, as an install does: what is tested is what stands here. */
export default async function buildPages(): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [script], { env });
}
