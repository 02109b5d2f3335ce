import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FLOW_LABELS, NODE_LABELS } from '#services/cli/record/labels.ts';
import { CORE, CPU_WORKLOADS } from '#test/fixtures/traces/cpu/workloads.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/traces');
const names = CPU_WORKLOADS.map(({ name }) => name);

test('every workload has a name of its own, and the core is among them', () => {
  expect(new Set(names).size).toBe(names.length);
  expect([...CORE].filter((name) => !names.includes(name))).toEqual([]);
  expect(CORE.size).toBeGreaterThanOrEqual(20);
});

test.each(CPU_WORKLOADS)(
  '$name has known labels, and its files are there',
  ({ name, label, duty, command, builds, flows }) => {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(NODE_LABELS).toContain(label);
    expect(duty).toBeGreaterThanOrEqual(0);
    expect(duty).toBeLessThanOrEqual(1);
    for (const one of flows?.values() ?? []) expect(FLOW_LABELS).toContain(one);
    const files = [...command.filter((word) => /^(cpu|around)\//.test(word)), ...(builds ?? [])];
    expect(files.filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
  },
);

test('hash loops and honest work are both listed at every share of the machine, and with a pool beside them', () => {
  for (const pow of [true, false]) {
    const own = CPU_WORKLOADS.filter(({ label }) => label.startsWith('pow_') === pow);
    expect(own.length).toBeGreaterThanOrEqual(20);
    expect(new Set(own.map(({ family }) => family)).size).toBeGreaterThanOrEqual(4);
    expect(own.some(({ duty }) => duty === 1) && own.some(({ duty }) => duty < 1)).toBe(true);
    expect(own.some(({ flows }) => [...(flows?.values() ?? [])].includes('pool_session'))).toBe(true);
  }
});

/** Seconds of processor that a process has used. */
function usedSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

test('a throttled program works while it may and rests otherwise', async () => {
  const command = [join(FOLDER, 'around/duty.ts'), '400', '1600', 'sh', '-c', 'echo $$; while :; do :; done'];
  const outer = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(outer.stdout, 'data')) as [Buffer];
  await sleep(4_000);
  const used = usedSeconds(Number(chunk));
  outer.kill('SIGTERM');
  await once(outer, 'exit');
  expect(used).toBeGreaterThan(0);
  expect(used).toBeLessThan(2);
});
