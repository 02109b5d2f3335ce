import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type { AgentConfig } from './config.ts';
import { loadOutlet } from './open-outlet.ts';

/**
 * Little garbage arises: a small young generation costs nothing and saves 6 MB; 64 MB is many times what lives. Without
 * V8's compilers 5 MB less are private and 10 MB of Node's program are not touched; for a sample a second the
 * interpreter takes no longer than they do.
 */
const NODE_FLAGS = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--max-semi-space-size=1',
  '--max-old-space-size=64',
];
const SETTINGS = 'DAVYLAMP_AGENT_CHECKED_SETTINGS';

/**
 * Replaces this process, under the same process id, by one that has not loaded the parser of configurations, which
 * would stay resident for ever. Returns where it cannot be done (no `execve`): go on in this process then.
 * @param environment that of the process.
 */
export async function replaceProcess(settings: AgentConfig, environment: NodeJS.ProcessEnv): Promise<void> {
  if (process.execve === undefined) return;
  const isBundle = !import.meta.filename.endsWith('.ts');
  const entry = isBundle
    ? [join(import.meta.dirname, 'run.mjs')]
    : await compiledEntry(settings, environment);
  const checked = { ...environment, [SETTINGS]: JSON.stringify(settings) };
  process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, ...entry], checked);
}

/**
 * In a checkout it happens twice, to be rid of the parser of TypeScript too: the second process, which has a cache of
 * compiled code in the state folder, fills it; the third one needs nothing but that.
 */
async function compiledEntry(
  settings: AgentConfig,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const cache = join(settings.stateDir, 'compiled');
  if (environment.NODE_COMPILE_CACHE !== cache) {
    const main = join(import.meta.dirname, 'main.ts');
    process.execve?.(process.execPath, [process.execPath, main], {
      ...environment,
      NODE_COMPILE_CACHE: cache,
    });
  }
  const run = new URL('./run.ts', import.meta.url).href;
  await import(run);
  await loadOutlet(settings);
  flushCompileCache();
  // Evaluated text is not looked at for types; a file of TypeScript would be.
  const entry = `const { runReplaced } = await import('${run}'); await runReplaced(process.env.${SETTINGS});`;
  return ['--input-type=module', '-e', entry];
}
