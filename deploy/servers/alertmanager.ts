import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answersOk, requireProgram } from './probe.ts';
import { portAt, type Server } from './server.ts';

/** The usual port is 9093; Kafka's controller has 093 here. */
const port = portAt(293);

/** It tells nobody: tests read by its API what it knows and how it groups that. */
const configuration = `route:
  receiver: nobody
  group_by: [site, kind]
  group_wait: 1s
receivers:
  - name: nobody
`;

/** Prometheus's Alertmanager alone, without a cluster. */
export const alertmanager: Server = {
  name: 'alertmanager',
  port,
  install: 'apt-get install prometheus-alertmanager',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('prometheus-alertmanager');
    const config = join(home, 'alertmanager.yml');
    await mkdir(home, { recursive: true });
    await writeFile(config, configuration);
    const args = [
      `--config.file=${config}`,
      `--storage.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ];
    return { command, args };
  },
  isReady: () => answersOk(`http://127.0.0.1:${port}/-/ready`),
  env: () => ({ DAVYLAMP_TEST_ALERTMANAGER: `http://127.0.0.1:${port}` }),
};
