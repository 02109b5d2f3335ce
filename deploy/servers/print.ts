import type { Status } from './control.ts';
import type { Server } from './server.ts';

/** Shell lines that set the variables of `servers`; the values hold no quote. */
export function exportLines(servers: readonly Server[]): string {
  return servers
    .flatMap((server) => Object.entries(server.env()))
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n');
}

/** One line per server: name, port, state and, when it runs, its process id. */
export function statusTable(statuses: readonly Status[]): string {
  const width = Math.max(10, ...statuses.map(({ name }) => name.length));
  return statuses
    .map(
      ({ name, port, state, pid }) => `${name.padEnd(width)} ${port}  ${state}${pid ? `  pid ${pid}` : ''}`,
    )
    .join('\n');
}
