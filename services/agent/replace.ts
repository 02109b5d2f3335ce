import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type { AgentConfig } from './config.ts';
import { OUTLET_MODULES } from './open-outlet.ts';

/** Little garbage arises: a small young generation costs nothing and saves 6 MB; 64 MB is many times what lives. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=64'];
const SETTINGS = 'DAVYLAMP_AGENT_CHECKED_SETTINGS';

/**
 * Replaces this process, under the same process id, by one that has loaded neither the parser of configurations nor
 * the one of TypeScript, which would stay resident for ever. Compiled code is left in the state folder for it.
 * Returns where that cannot be done (no `execve`, a bundle): go on in this process then.
 * @param environment that of the process.
 */
export async function replaceProcess(settings: AgentConfig, environment: NodeJS.ProcessEnv): Promise<void> {
  const run = new URL('./run.ts', import.meta.url).href;
  if (process.execve === undefined || !import.meta.filename.endsWith('/replace.ts')) return;
  const cache = join(settings.stateDir, 'compiled');
  enableCompileCache(cache);
  await import(run);
  await OUTLET_MODULES[settings.outlet]();
  flushCompileCache();
  // Evaluated text is not looked at for types; a file of TypeScript would be.
  const entry = `const { runReplaced } = await import('${run}'); await runReplaced(process.env.${SETTINGS});`;
  process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, '--input-type=module', '-e', entry], {
    ...environment,
    NODE_COMPILE_CACHE: cache,
    [SETTINGS]: JSON.stringify(settings),
  });
}
