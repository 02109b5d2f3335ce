import { readFile } from 'node:fs/promises';

/** Whether a process runs; a zombie does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return isListed(pid) && (await statFields(pid))?.[0] !== 'Z';
}

/** Whether the kernel still knows a process id: as a process or as a zombie. */
export function isListed(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Kernel ticks from boot to the start of the process: tells a reused process id from the first one. */
export const startTicks = async (pid: number): Promise<string | undefined> => (await statFields(pid))?.[19];

/** Fields of /proc/PID/stat from the third on (state first); undefined where there is no /proc. */
async function statFields(pid: number): Promise<string[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}
