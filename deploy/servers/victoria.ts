import { join } from 'node:path';
import { answersOk, requireProgram } from './probe.ts';
import { portAt, type Server } from './server.ts';

const port = portAt(428);

/** VictoriaMetrics: takes line protocol at /write and /api/v2/write; its /query is a stub. */
export const victoria: Server = {
  name: 'victoria',
  port,
  install: 'apt-get install victoria-metrics',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('victoria-metrics');
    const data = `-storageDataPath=${join(home, 'data')}`;
    const listen = `-httpListenAddr=127.0.0.1:${port}`;
    return { command, args: [data, listen, '-retentionPeriod=100y', '-memory.allowedPercent=10'] };
  },
  isReady: () => answersOk(`http://127.0.0.1:${port}/health`),
  env: () => ({ DAVYLAMP_TEST_VICTORIA: `http://127.0.0.1:${port}` }),
};
