import { parseArgs } from 'node:util';

const ALONE: readonly (string | boolean)[] = ['unit', 'browser'];

/** Whether the projects that vitest's arguments choose talk to servers: all but `unit` and `browser` do. */
export function needsServers(args: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...args],
    options: { project: { type: 'string', multiple: true } },
    allowPositionals: true,
    strict: false,
  });
  const projects = values.project ?? [];
  return projects.length === 0 || projects.some((name) => !ALONE.includes(name));
}
