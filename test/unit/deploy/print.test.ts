import { expect, test } from 'vitest';
import { kafka } from '#deploy/servers/kafka.ts';
import { exportLines, statusTable } from '#deploy/servers/print.ts';
import { servers } from '#deploy/servers/registry.ts';

test('prints one shell assignment for every variable of the servers given', () => {
  const lines = exportLines(servers).split('\n');

  for (const line of lines) expect(line).toMatch(/^export DAVYLAMP_TEST_[A-Z0-9_]+='[^']+'$/);
  expect(lines).toContain(`export DAVYLAMP_TEST_KAFKA='127.0.0.1:${kafka.port}'`);
  expect(exportLines([])).toBe('');
});

test('no two servers share a name, a port or a variable', () => {
  const variables = servers.flatMap((server) => Object.keys(server.env()));
  const ports = servers.map((server) => String(server.port));
  const names = servers.map((server) => server.name);
  for (const values of [variables, names, ports]) {
    expect(new Set(values).size).toBe(values.length);
  }
});

test('shows the process id of a server only while it runs', () => {
  const table = statusTable([
    { name: 'redis', port: 21379, state: 'up', pid: 7 },
    { name: 'kafka', port: 21092, state: 'down' },
  ]);

  expect(table).toBe('redis      21379  up  pid 7\nkafka      21092  down');
});
