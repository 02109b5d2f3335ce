import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Gathering } from '../gathering.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

const BUSY = gaugeOrdinal('host', 'cpu_utilization_ratio');
const USER = gaugeOrdinal('host', 'cpu_user_ratio');
const SYSTEM = gaugeOrdinal('host', 'cpu_system_ratio');
const NICE = gaugeOrdinal('host', 'cpu_nice_ratio');
const IOWAIT = gaugeOrdinal('host', 'cpu_iowait_ratio');
const STEAL = gaugeOrdinal('host', 'cpu_steal_ratio');
const RUNNING = gaugeOrdinal('host', 'processes_running');
const SWITCHES = gaugeOrdinal('host', 'context_switches_per_second');
const INTERRUPTS = gaugeOrdinal('host', 'interrupts_per_second');

/** Time all CPUs spent, in clock ticks since the machine started. `system` includes interrupts. */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
}

export interface Stat {
  readonly times: CpuTimes;
  readonly switches: number;
  readonly interrupts: number;
  readonly running: number;
}

export const cpu: CollectorSpec = { name: 'cpu', pace: 'sample', open: openCpu };

function openCpu({ procRoot }: Roots): Collector {
  const file = new KernelFile(`${procRoot}/stat`);
  const switches = new Rate();
  const interrupts = new Rate();
  let last: CpuTimes | null = null;
  return {
    sample({ host }: Gathering, atSeconds) {
      const stat = parseStat(file.read());
      if (last) recordShares(host, last, stat.times);
      last = stat.times;
      host.gauge(RUNNING, stat.running);
      host.gauge(SWITCHES, switches.per(stat.switches, atSeconds));
      host.gauge(INTERRUPTS, interrupts.per(stat.interrupts, atSeconds));
    },
    close: () => file.close(),
  };
}

/** Parses /proc/stat; only the lines needed are looked at, since `intr` may run to kilobytes. NaN: not there. */
export function parseStat(text: string): Stat {
  const lineEnd = text.indexOf('\n');
  // Guest time is contained in user and nice: https://docs.kernel.org/filesystems/proc.html
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = text
    .slice(5, lineEnd)
    .trim()
    .split(' ')
    .map(Number);
  return {
    times: { user, nice, system: system + irq + softirq, idle, iowait, steal },
    switches: numberAfter(text, '\nctxt '),
    interrupts: numberAfter(text, '\nintr '),
    running: numberAfter(text, '\nprocs_running '),
  };
}

/** Shares of the time between two readings, 0–1 each; busy leaves out idle, waiting and stolen time. */
export function cpuShares(last: CpuTimes, now: CpuTimes): CpuTimes & { readonly busy: number } {
  // The kernel may take back iowait and idle ticks: never below zero.
  const grown = (key: keyof CpuTimes) => Math.max(0, now[key] - last[key]);
  const [user, nice, system] = [grown('user'), grown('nice'), grown('system')];
  const [idle, iowait, steal] = [grown('idle'), grown('iowait'), grown('steal')];
  const total = user + nice + system + idle + iowait + steal;
  return {
    busy: (user + nice + system) / total,
    user: user / total,
    nice: nice / total,
    system: system / total,
    idle: idle / total,
    iowait: iowait / total,
    steal: steal / total,
  };
}

function recordShares(host: Gathering['host'], last: CpuTimes, now: CpuTimes): void {
  const shares = cpuShares(last, now);
  host.gauge(BUSY, shares.busy);
  host.gauge(USER, shares.user);
  host.gauge(SYSTEM, shares.system);
  host.gauge(NICE, shares.nice);
  host.gauge(IOWAIT, shares.iowait);
  host.gauge(STEAL, shares.steal);
}

function numberAfter(text: string, label: string): number {
  const at = text.indexOf(label);
  return at < 0 ? Number.NaN : Number.parseInt(text.slice(at + label.length, at + label.length + 20), 10);
}
