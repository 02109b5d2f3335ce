import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the pages before the tests of them: what is tested is what stands here. */
export default async function buildPages(): Promise<void> {
  const configFile = fileURLToPath(import.meta.resolve('#services/console/vite.config.ts'));
  await build({ configFile, logLevel: 'warn' });
}
