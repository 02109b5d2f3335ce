import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import process from 'node:process';
import koffi from 'koffi';
import type { examineSources } from '#services/agent/app.ts';

/** One line of the doctor's report. `warn`: works, with less; `fail`: does not work. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do; empty where nothing is to be done. */
  readonly advice: string;
}

/** Type stripping and `node:sqlite` are stable from here on. */
const OLDEST_NODE = [24, 12] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    name: 'node',
    state: good ? 'ok' : 'fail',
    detail: `Node ${version}`,
    advice: good
      ? ''
      : `expected Node ${OLDEST_NODE.join('.')} or newer; run through npm or npx, which bring their own`,
  };
}

/** `struct timex` of adjtimex(2) on 64-bit Linux, with room to spare. */
const TIMEX_BYTES = 256;
const TIME_ERROR = 5;

/** Asks the kernel whether something disciplines the clock. Changes nothing: `modes` is 0. */
export function checkClock(): Check {
  if (process.platform !== 'linux') return clock('warn', 'not checked on this system', '');
  const adjtimex = koffi.load('libc.so.6').func('int adjtimex(void *)');
  const state = adjtimex(Buffer.alloc(TIMEX_BYTES)) as number;
  if (state === TIME_ERROR) {
    return clock(
      'warn',
      'the kernel says that nothing keeps the clock',
      'start an NTP client (chrony, systemd-timesyncd)',
    );
  }
  return clock('ok', 'disciplined', '');
}

function clock(state: Check['state'], detail: string, advice: string): Check {
  return { name: 'clock', state, detail, advice };
}

/** What to do where there is nothing yet. */
export const FIRST_START = 'start davylamp once, or set DAVYLAMP_DATA_DIR';

const SOURCES = [
  ['/proc/stat', 'CPU'],
  ['/proc/pressure/cpu', 'pressure'],
  ['/sys/class/powercap/intel-rapl:0/energy_uj', 'CPU power (RAPL)'],
] as const;

export async function checkPermissions(dataDir: string): Promise<readonly Check[]> {
  const sources = await Promise.all(
    SOURCES.map(async ([path, what]) => {
      const problem = await problemOf(() => readFile(path));
      if (problem === null) return { name: what, state: 'ok', detail: path, advice: '' } as const;
      return {
        name: what,
        state: 'warn',
        detail: `${path}: ${problem}`,
        advice: adviceFor(problem, what),
      } as const;
    }),
  );
  return [await checkDataDir(dataDir), ...sources];
}

/** Which source of GPUs works, and what it does not give. */
export function checkGpus(found: Awaited<ReturnType<typeof examineSources>>): Check {
  const { source, detail, absent, confidential } = found;
  const check = (state: Check['state'], text: string, advice: string) => ({
    name: 'GPUs',
    state,
    detail: text,
    advice,
  });
  if (source === null) return check('ok', `none: ${detail}`, '');
  if (source === 'nvidia-smi') {
    const advice = 'install the library (libnvidia-ml.so.1), or name it by DAVYLAMP_NVML_LIBRARY';
    return check('warn', `${detail}: no energy, no activities, no processes`, advice);
  }
  if (confidential) {
    const advice =
      'declare it: what the GPUs do can then be seen by their power alone, inside and at the meter';
    return check('warn', `${detail}; confidential computing hides ${absent.join(', ')}`, advice);
  }
  if (absent.length === 0) return check('ok', detail, '');
  const advice = 'a newer GPU or driver may have them, or a permission: see services/agent/README.md';
  return check('warn', `${detail}; absent: ${absent.join(', ')}`, advice);
}

function adviceFor(problem: string, what: string): string {
  if (problem !== 'EACCES') return `this machine does not offer it: ${what} stays absent, never zero`;
  return `let the agent read it (CAP_DAC_READ_SEARCH, see the systemd unit), or do without ${what}`;
}

/** A check makes nothing: a wrong name would not show. */
async function checkDataDir(dataDir: string): Promise<Check> {
  const problem = await problemOf(() => access(dataDir, constants.W_OK));
  if (problem === 'ENOENT') {
    return {
      name: 'data directory',
      state: 'warn',
      detail: `${dataDir}: not there yet`,
      advice: FIRST_START,
    };
  }
  if (problem === null) return { name: 'data directory', state: 'ok', detail: dataDir, advice: '' };
  return {
    name: 'data directory',
    state: 'fail',
    detail: `${dataDir}: ${problem}`,
    advice: 'make it writable, or name another by DAVYLAMP_DATA_DIR',
  };
}

/** The error code, or null if it went well. */
async function problemOf(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
