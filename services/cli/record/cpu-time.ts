import { readdirSync, readFileSync } from 'node:fs';

/** What `/proc/PID/stat` says of a process. */
export interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  /** Of itself and of the children that it has waited for. */
  readonly seconds: number;
}

/** `USER_HZ`, which Linux shows to programs on every architecture in use. */
const TICKS_PER_SECOND = 100;

/** Parses /proc/PID/stat; the name in brackets may hold anything. */
export function parseProcessTime(text: string): ProcessTime {
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = rest.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number.parseInt(text, 10), parent: Number(rest[1]), seconds: ticks / TICKS_PER_SECOND };
}

/** Processor time of a process and of all below it; those that ended unnoticed are missing. O(processes). */
export function treeSeconds(root: number, all: readonly ProcessTime[]): number {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const below = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + child.seconds + below(child.pid), 0);
  return (all.find(({ pid }) => pid === root)?.seconds ?? 0) + below(root);
}

/** Every process that there is now. */
export function processTimes(): readonly ProcessTime[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseProcessTime(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch (error) {
        // It ended meanwhile.
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    });
}
