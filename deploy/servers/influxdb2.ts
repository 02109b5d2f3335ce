import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answersOk, requireProgram } from './probe.ts';
import { portAt, type Server, serversRoot } from './server.ts';

const run = promisify(execFile);
const port = portAt(186);
const url = `http://127.0.0.1:${port}`;
const token = 'davylamp-test-token';
const organisation = 'davylamp';

const programFolder = join(serversRoot, 'lib', 'influxdb2');
const recipe = join(import.meta.dirname, 'influxdb2');

/** InfluxDB 2: no package of it is to be had here, so `build` makes it from its Go module. */
export const influxdb2: Server = {
  name: 'influxdb2',
  port,
  install: 'npm run servers -- build influxdb2 (some minutes; needs Go 1.23 and Rust)',
  stopSignal: 'SIGTERM',
  async prepare(home) {
    const command = await requireProgram('influxd2', [programFolder]);
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
  async build() {
    const go = await requireProgram('go');
    await requireProgram('cargo');
    await mkdir(programFolder, { recursive: true });
    await copyFile(join(recipe, 'go.mod'), join(programFolder, 'go.mod'));
    await copyFile(join(recipe, 'go.sum'), join(programFolder, 'go.sum'));
    const env = {
      ...process.env,
      GOBIN: programFolder,
      PKG_CONFIG: join(programFolder, 'pkg-config'), // it builds the Rust half of the query language
      CARGO: join(recipe, 'cargo.sh'),
      RUSTUP_TOOLCHAIN: 'stable',
    };
    const inFolder = { cwd: programFolder, env, maxBuffer: 2 ** 26 };
    await run(go, ['install', 'github.com/influxdata/pkg-config@v0.2.7'], inFolder);
    await run(go, ['build', '-o', 'influxd2', 'github.com/influxdata/influxdb/v2/cmd/influxd'], inFolder);
  },
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
