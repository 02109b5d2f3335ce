import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { ConfigError } from '#libs/runtime/errors.ts';

/**
 * Makes sure that one agent at a time uses a state folder: two would mix their frames. An abstract socket is the
 * lock, since the kernel lets go of it however the process ends.
 * @throws ConfigError while another process has it.
 */
export async function lockState(folder: string): Promise<AsyncDisposable> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ConfigError(`stateDir: ${folder} is in use by another agent: expected one of its own`, { cause }),
      ),
    );
    server.listen(`\0davylamp-agent-${name}`, resolve);
  });
  server.unref();
  return { [Symbol.asyncDispose]: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
