import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a worker in a process of its own and kills it once it has a job in hand. */
export async function workAndDie(settings: object, queue: string): Promise<void> {
  const script = fileURLToPath(new URL('./work-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings), queue], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
