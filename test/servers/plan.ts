import { parseArgs } from 'node:util';

/** Whether the projects that vitest's arguments choose talk to servers: all but `unit` alone do. */
export function needsServers(args: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...args],
    options: { project: { type: 'string', multiple: true } },
    allowPositionals: true,
    strict: false,
  });
  const projects = values.project ?? [];
  return projects.length === 0 || projects.some((name) => name !== 'unit');
}
