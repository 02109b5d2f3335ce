import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deadLetter } from '#libs/bus/dead-letter.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { isPassword } from '#services/console/password.ts';
import { createReplay } from '#services/detector/replay.ts';
import { davylamp as runDavylamp } from '#test/support/davylamp.ts';
import { SimulatedNode } from '#test/support/fleet.ts';
import { embeddedWorld, type World } from '#test/support/world.ts';

// Each call is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let world: World;
let scratch: string;

beforeEach(async () => {
  world = await embeddedWorld();
  scratch = await mkdtemp(join(tmpdir(), 'davylamp-cli-'));
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

/** The real program in the world's environment. */
const davylamp = (args: readonly string[], env: Record<string, string> = {}) =>
  runDavylamp(scratch, args, { ...world.env, ...env });

test('help names every command; an unknown one is refused with it', async () => {
  const help = await davylamp(['--help']);
  for (const name of [
    'up',
    'join',
    'agent',
    'writer',
    'status',
    'loss',
    'doctor',
    'replay',
    'declare',
    'enrol',
    'people',
    'redrive',
  ]) {
    expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'));
  }
  expect(await davylamp(['nonsense'])).toMatchObject({ status: 1 });
});

test('a configuration that cannot be used exits with 78 and names every problem', async () => {
  const result = await davylamp(['status'], { DAVYLAMP_BUS: 'carrier-pigeon', DAVYLAMP_SERIES: 'stone' });
  expect(result.status).toBe(78);
  expect(result.err).toMatch(/2 problem\(s\)[\s\S]*DAVYLAMP_BUS[\s\S]*DAVYLAMP_SERIES/);
});

test('a tool reads the file that the services share', async () => {
  const file = join(scratch, 'davylamp.json');
  await writeFile(
    file,
    JSON.stringify({ consolePort: 18420, gatewayPort: 18443, webhookUrl: 'http://a.example' }),
  );
  expect(await davylamp(['loss'], { DAVYLAMP_CONFIG: file })).toMatchObject({ status: 0, err: '' });
});

test('loss prints the ledger, and --strict fails while frames are in flight', async () => {
  await world.ledger.custody.account([{ node: 'n1', boot: 'b', fate: 'stored', from: 1, to: 3 }]);
  expect((await davylamp(['loss', '--strict'])).status).toBe(0);
  await world.ledger.custody.account([{ node: 'n1', boot: 'b', fate: 'stored', from: 5, to: 5 }]);
  const result = await davylamp(['loss', '--strict', '--json']);
  expect(result.status).toBe(1);
  expect(JSON.parse(result.out)).toMatchObject([{ node: 'n1', sent: 5, stored: 4, inFlight: 1 }]);
});

test('a declaration becomes the next version of its id', async () => {
  const words = ['declare', 'd1', 'n1', '--tenant', 'us', '--approver', 'A. Name', '--behaviour', 'B0'];
  expect((await davylamp(words)).out).toMatch(/^d1@1 covers n1\nn1 is not known yet/);
  await world.ledger.nodes.see({
    ...{ node: 'n1', site: 'hall', tenant: null, hardware: null, publicKey: null, enrolled: false },
    ...{ credentialHash: null, firstSeenMs: 1, decommissionedMs: null },
  });
  expect((await davylamp([...words, '--bound', 'cpu_utilization_ratio=0..0.3'])).out).toBe(
    'd1@2 covers n1\n',
  );
  expect((await world.ledger.declarations.list()).map((d) => [d.version, d.envelope.length])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test('redrive publishes a dead letter again where it came from, once', async () => {
  await world.bus.ensure([TOPICS.frames, TOPICS.dead]);
  const record = {
    key: 'n1',
    value: new Uint8Array([1, 2]),
    headers: { seq: new TextEncoder().encode('7') },
    offset: 4,
    receivedMs: 1,
  };
  await world.bus.publish([deadLetter({ topic: 'frames', partition: 0 }, record, 'truncated', 'writer')]);
  expect(JSON.parse((await davylamp(['redrive', '--dry-run', '--json'])).out)).toMatchObject([
    { reason: 'truncated', bytes: 2 },
  ]);
  expect((await davylamp(['redrive'])).out).toContain('1 re-driven');
  expect((await davylamp(['redrive'])).out).toContain('0 re-driven');
  const back: unknown[] = [];
  await world.bus.replay('frames', {}, async (batch) => {
    back.push(...batch.records.map((r) => [r.key, [...r.value], new TextDecoder().decode(r.headers.seq)]));
  });
  expect(back).toEqual([['n1', [1, 2], '7']]);
});

test('replay judges the frames again, and names what differs from what was recorded', async () => {
  await world.bus.ensure([TOPICS.frames, TOPICS.observations]);
  const node = new SimulatedNode({ node: 'n1', site: 'hall', gpus: 0, busyFromMs: null, seed: 1 });
  const startMs = Date.UTC(2026, 0, 5, 8);
  await world.bus.publish(Array.from({ length: 20 }, (_, i) => node.message(startMs + (i + 1) * 10_000)));
  const first = await davylamp(['replay', '--json']);
  expect(first.status).toBe(0);
  expect(JSON.parse(first.out)).toMatchObject([{ outcome: 'only replayed' }, {}, {}]);

  const verdicts = await replayed(world);
  const record = async (verdict: Assessment) =>
    world.bus.publish([
      {
        topic: TOPICS.observations.name,
        key: 'hall',
        value: Buffer.from(JSON.stringify(verdict)),
        headers: { type: 'assessment', node: 'n1' },
      },
    ]);
  for (const verdict of verdicts) await record(verdict);
  expect((await davylamp(['replay'])).out).toContain('3 windows: 3 the same, 0 differ');

  for (const changed of verdicts.slice(0, 1))
    await record({ ...changed, conformity: 'deviates', coverageRatio: 0.5, revision: 'another' });
  const second = await davylamp(['replay', '--node', 'n1']);
  expect(second.status).toBe(1);
  expect(second.out).toMatch(/1 differ,[\s\S]*n1 .* conformity, coverageRatio/);
});

test.each(['replay', 'backtest'])('%s of a node that there is not says so', async (command) => {
  await world.bus.ensure(Object.values(TOPICS));
  const { status, err } = await davylamp([command, '--node', 'nosuch']);
  expect({ status, err }).toEqual({
    status: 1,
    err: expect.stringContaining('--node nosuch: expected a node'),
  });
  await world.ledger.nodes.see({
    ...{ node: 'silent', site: 'hall', tenant: null, hardware: null, publicKey: null, enrolled: false },
    ...{ credentialHash: null, firstSeenMs: 1, decommissionedMs: null },
  });
  expect(await davylamp([command, '--node', 'silent'])).toMatchObject({ status: 0 });
});

/** What the detector says of the frames on the bus. */
async function replayed({ bus, ledger }: World): Promise<readonly Assessment[]> {
  const verdicts: Assessment[] = [];
  const tiers = { mode: 'auto', richEntities: 1, key: '' } as const;
  const replay = await createReplay(ledger, tiers, PARAMETERS, ({ headers, value }) => {
    if (headers?.type === 'assessment') verdicts.push(JSON.parse(new TextDecoder().decode(value)));
  });
  await bus.replay(TOPICS.frames.name, {}, async ({ partition, records }) => {
    for (const record of records) replay(partition, record);
  });
  return verdicts;
}

test('people are added, listed and rescued from the machine itself', async () => {
  const added = await davylamp(['people', 'add', 'ada', '--role', 'tenant', '--tenant', 'us']);
  expect(added.out).toMatch(/^ada may log in with the password [\w-]{24} \(shown once\)\n$/);
  const known = await world.ledger.people.find('ada');
  expect(known?.person).toMatchObject({ role: 'tenant', tenant: 'us', disabled: false });
  const password = /password ([\w-]+)/.exec((await davylamp(['people', 'password', 'ada'])).out)?.[1] ?? '';
  const { passwordHash = '' } = (await world.ledger.people.find('ada')) ?? {};
  expect(await isPassword(password, passwordHash)).toBe(true);
  expect((await davylamp(['people', 'disable', 'ada'])).out).toBe('ada: disabled\n');
  expect((await davylamp(['people'])).out).toMatch(/ada +tenant +us +disabled/);
  expect((await davylamp(['people', 'add', 'ada', '--role', 'viewer'])).err).toContain(
    'ada is registered already',
  );
  expect((await davylamp(['people', 'add', 'b', '--role', 'king'])).status).toBe(78);
  expect((await davylamp(['people', 'password', 'nobody'])).status).toBe(1);
});

test('doctor says what is there, what is not, and what to do', async () => {
  const well = await davylamp(['doctor', '--json']);
  expect(JSON.parse(well.out)).toContainEqual({
    name: 'bus (embedded)',
    state: 'ok',
    detail: 'answers',
    advice: '',
  });
  expect(well.status).toBe(0);
  const ill = await davylamp(['doctor'], {
    DAVYLAMP_SERIES: 'influx',
    DAVYLAMP_INFLUX_URL: 'http://127.0.0.1:9',
  });
  expect(ill.status).toBe(1);
  expect(ill.out).toMatch(/✗ +series \(influx\)[\s\S]*start the server, or correct DAVYLAMP_INFLUX_URL/);
});

test('doctor reads the settings of every service, and warns of variables that set nothing', async () => {
  const { status, out } = await davylamp(['doctor'], {
    DAVYLAMP_CONSOLE_PORT: '99999',
    DAVYLAMP_CONSOLE_PROT: '8421',
    DAVYLAMP_TEST_REDIS: 'redis://a.example',
  });
  expect(status).toBe(1);
  expect(out).toMatch(/✗ +configuration .*consolePort: expected a whole number, 0\.\.65535, got "99999"/);
  expect(out).toMatch(/! +environment +no setting has the name DAVYLAMP_CONSOLE_PROT\n/);
});

test('doctor names the data directory where an embedded store does not open', async () => {
  await mkdir(join(scratch, 'data', 'bus.db'), { recursive: true });
  const { status, out } = await davylamp(['doctor'], { DAVYLAMP_DATA_DIR: './data' });
  expect(status).toBe(1);
  expect(out).toMatch(/✗ +bus \(embedded\)/);
  expect(out).toContain('bus (embedded): make it readable and writable, or set DAVYLAMP_DATA_DIR');
});
