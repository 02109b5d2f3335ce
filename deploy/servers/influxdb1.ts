import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answersOk, requireProgram } from './probe.ts';
import { portAt, type Server } from './server.ts';

const port = portAt(86);

/** InfluxDB 1.x: line protocol at /write, InfluxQL at /query, no /api/v2. */
export const influxdb1: Server = {
  name: 'influxdb1',
  port,
  install: 'apt-get install influxdb',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('influxd');
    await mkdir(home, { recursive: true });
    const config = join(home, 'influxdb.conf');
    await writeFile(config, configuration(home));
    return { command, args: ['run', '-config', config] };
  },
  isReady: () => answersOk(`http://127.0.0.1:${port}/ping`),
  env: () => ({ DAVYLAMP_TEST_INFLUX1: `http://127.0.0.1:${port}` }),
};

/** The large snapshot size halves the server's cost per point; the rest is what it ships with. */
const configuration = (home: string): string => `reporting-disabled = true
bind-address = "127.0.0.1:${port + 1}"
[meta]
  dir = "${home}/data/meta"
[data]
  dir = "${home}/data/data"
  wal-dir = "${home}/data/wal"
  cache-snapshot-memory-size = "1g"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
`;
