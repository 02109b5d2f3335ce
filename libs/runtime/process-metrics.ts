import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * What Prometheus' own clients tell of a process, under the same names. The event loop's lag is that of this moment: a
 * standing measurement would wake the process a hundred times a second.
 */
export async function processMetrics(): Promise<string> {
  const begun = performance.now();
  await turn();
  const lagSeconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage();
  const fds = openFds();
  return [
    metric('process_cpu_seconds_total', 'counter', 'User and system time spent.', (user + system) / 1e6),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    metric(
      'process_start_time_seconds',
      'gauge',
      'Start of the process, Unix time.',
      Math.floor(performance.timeOrigin / 1_000),
    ),
    ...(fds === null ? [] : [metric('process_open_fds', 'gauge', 'Open file descriptors.', fds)]),
    metric(
      'nodejs_eventloop_lag_seconds',
      'gauge',
      'Time that a turn of the event loop took now.',
      lagSeconds,
    ),
  ].join('');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

/** Null where the system does not tell. */
function openFds(): number | null {
  try {
    // One of them reads the list.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return null;
  }
}
