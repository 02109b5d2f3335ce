import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInfluxSeries } from '#libs/series/influx.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ask, influx1Options } from './influx-world.ts';
import { hourOf, plain, point, query, T0 } from './world.ts';

const PROGRAM: string = 'influxd';

// The shared server asks nobody for a password: this one, of the same program, does.
describeServer('DAVYLAMP_TEST_INFLUX1', 'series on InfluxDB 1.x with authentication', () => {
  const hasProgram = spawnSync(PROGRAM, ['version']).error === undefined;
  let home: string;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    if (!hasProgram) return;
    home = await mkdtemp(join(tmpdir(), 'davylamp-influx-'));
    const [http, rpc] = await freePorts(2);
    url = `http://127.0.0.1:${http}`;
    await writeFile(join(home, 'influxdb.conf'), configuration(home, http as number, rpc as number));
    server = spawn(PROGRAM, ['run', '-config', join(home, 'influxdb.conf')], { stdio: 'ignore' });
    const answers = async () => (await fetch(`${url}/ping`).catch(() => null))?.status ?? 0;
    await eventually('influxd with authentication', answers, (status) => status === 204, 20_000, 50);
    await ask(url, `CREATE USER keeper WITH PASSWORD 's3cret' WITH ALL PRIVILEGES`);
  });
  afterAll(async () => {
    if (!hasProgram) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
    await rm(home, { recursive: true });
  });

  test.skipIf(!hasProgram)(
    'user and password open it; wrong ones and none are refused, with what to check',
    async () => {
      const options = influx1Options(url, { token: 'keeper:s3cret' });
      const series = openInfluxSeries(options);
      await series.prepare();
      const points = [point('locked', T0, [1, 2, 3])];
      expect(await series.write(points)).toEqual({ stored: 1, refused: [] });
      expect(plain(await series.read(query(hourOf('locked'))))).toEqual(plain(points));
      await series.close();
      for (const token of ['keeper:wrong', '']) {
        const stranger = openInfluxSeries({ ...options, token });
        const refused = {
          code: 'DAVYLAMP_STORE_REFUSED',
          message: expect.stringMatching(/401.*influxToken/),
        };
        await expect(stranger.write(points)).rejects.toMatchObject(refused);
        await expect(stranger.read(query(hourOf('locked')))).rejects.toMatchObject(refused);
        await stranger.close();
      }
    },
  );
});

const configuration = (home: string, http: number, rpc: number): string => `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${home}/meta"
[data]
  dir = "${home}/data"
  wal-dir = "${home}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  auth-enabled = true
  log-enabled = false
`;
