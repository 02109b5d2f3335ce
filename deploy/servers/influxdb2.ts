import { join } from 'node:path';
import { answersOk, requireProgram } from './probe.ts';
import { portAt, type Server } from './server.ts';

const port = portAt(186);
const url = `http://127.0.0.1:${port}`;
const token = 'davylamp-test-token';
const organisation = 'davylamp';

/** InfluxDB 2, where its program is on PATH as `influxd2`: Debian has no package of it. */
export const influxdb2: Server = {
  name: 'influxdb2',
  port,
  install: 'InfluxData’s own package; put its influxd on PATH as influxd2',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('influxd2');
    const options = {
      'bolt-path': join(home, 'data', 'influxd.bolt'),
      'sqlite-path': join(home, 'data', 'influxd.sqlite'),
      'engine-path': join(home, 'data', 'engine'),
      'http-bind-address': `127.0.0.1:${port}`,
      'storage-cache-snapshot-memory-size': String(2 ** 30),
      'log-level': 'warn',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    return { command, args: ['run', '--reporting-disabled', ...args] };
  },
  isReady: async () => (await answersOk(`${url}/health`)) && (await isSetUp()),
  env: () => ({
    DAVYLAMP_TEST_INFLUX2: url,
    DAVYLAMP_TEST_INFLUX2_TOKEN: token,
    DAVYLAMP_TEST_INFLUX2_ORG: organisation,
  }),
};

/** A new server has no user: the first call makes one, with the token that tests use. */
async function isSetUp(): Promise<boolean> {
  const { allowed } = (await (await fetch(`${url}/api/v2/setup`)).json()) as { allowed: boolean };
  if (!allowed) return true;
  const user = {
    username: 'davylamp',
    password: 'davylamp-test',
    org: organisation,
    bucket: 'davylamp',
    token,
  };
  const answer = await fetch(`${url}/api/v2/setup`, { method: 'POST', body: JSON.stringify(user) });
  return answer.ok;
}
