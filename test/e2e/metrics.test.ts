import { expect, test, vi } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { parseExposition } from '#test/support/exposition.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { embeddedWorld } from '#test/support/world.ts';

vi.setConfig({ testTimeout: 90_000 });

const SERVICES = ['gateway', 'writer', 'detector', 'alerter', 'console', 'agent'] as const;
const PROCESS = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_open_fds',
  'nodejs_eventloop_lag_seconds',
];

test('every service tells Prometheus what it counts, in its strict form', async () => {
  await using stack = new AsyncDisposableStack();
  const ports = await freePorts(SERVICES.length);
  const world = stack.use(
    await embeddedWorld({
      DAVYLAMP_INTERVAL_MS: '500',
      DAVYLAMP_SAMPLE_MS: '100',
      DAVYLAMP_CONSOLE_PORT: '0',
      DAVYLAMP_GATEWAY_PORT: '0',
    }),
  );
  const services = SERVICES.map((name, index) => {
    const env = { ...world.env, DAVYLAMP_HEALTH_PORT: String(ports[index]) };
    return stack.use(new ServiceProcess(name, env).start());
  });
  for (const [index, name] of SERVICES.entries()) {
    const url = `http://127.0.0.1:${ports[index]}/metrics`;
    const wanted = name === 'agent' ? 'davylamp_agent_frames_sent_total' : 'process_open_fds';
    const text = await eventually(
      `${name} (${services[index]?.output.slice(-500)})`,
      () => fetch(url).then((reply) => reply.text(), String),
      (body) => body.includes(wanted),
      40_000,
    );
    const families = parseExposition(text);
    expect(families.map((family) => family.name)).toEqual(expect.arrayContaining(PROCESS));
    const rss = families.find((family) => family.name === 'process_resident_memory_bytes');
    expect(rss?.samples.get('')).toBeGreaterThan(30e6);
    const alien = families.filter((family) => !/^(davylamp_|process_|nodejs_)/.test(family.name));
    expect(alien).toEqual([]);
  }
  for (const service of services) await service.stop();
});

test('SIGUSR2 turns debug on without a restart', async () => {
  await using world = await embeddedWorld();
  const [port] = await freePorts(1);
  const env = { ...world.env, DAVYLAMP_GATEWAY_PORT: '0', DAVYLAMP_HEALTH_PORT: String(port) };
  await using gateway = new ServiceProcess('gateway', env);
  gateway.start();
  await eventually(
    'the gateway',
    async () => gateway.output,
    (it) => it.includes('taking frames'),
    30_000,
  );
  process.kill(gateway.pid, 'SIGUSR2');
  await eventually(
    'word of it',
    async () => gateway.output,
    (it) => it.includes('"now":"debug"'),
    10_000,
  );
  process.kill(gateway.pid, 'SIGUSR2');
  await eventually(
    'word of it',
    async () => gateway.output,
    (it) => it.includes('"now":"info"'),
    10_000,
  );
  await gateway.stop();
});
