import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exchange, requireProgram } from './probe.ts';
import { portAt, type Server } from './server.ts';

const port = portAt(379);

/** Redis as BullMQ needs it: it evicts nothing and logs every write to disk. */
export const redis: Server = {
  name: 'redis',
  port,
  install: 'apt-get install redis-server',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('redis-server');
    const data = join(home, 'data');
    await mkdir(data, { recursive: true });
    const options = {
      '--bind': '127.0.0.1',
      '--port': String(port),
      '--dir': data,
      '--daemonize': 'no',
      '--maxmemory-policy': 'noeviction',
      '--appendonly': 'yes',
      '--save': '',
    };
    return { command, args: Object.entries(options).flat() };
  },
  isReady: async () => (await exchange(port, 'PING\r\n'))?.toString().startsWith('+PONG') ?? false,
  env: () => ({ DAVYLAMP_TEST_REDIS: `redis://127.0.0.1:${port}` }),
};
