/** `npm run prepare`: builds the pages into `dist`. Without the development dependencies it leaves that out, and says so. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const configFile = fileURLToPath(new URL('./vite.config.ts', import.meta.url));

async function loadVite(): Promise<typeof import('vite') | null> {
  try {
    return await import('vite');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

const vite = await loadVite();
if (vite === null) {
  process.stdout.write(
    'The pages of the console are not built: the development dependencies are not installed here. All else works without them.\n',
  );
} else {
  await vite.build({ configFile, logLevel: 'warn' });
}
