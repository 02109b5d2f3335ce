import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Surroundings } from '#libs/runtime/app.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import type { Gathering } from '../../gathering.ts';
import type { Collector } from '../collector.ts';
import { parseSmiLine, SMI_QUERY, type SmiReading } from './smi-line.ts';

/** Where drivers put it: distributions, containers, WSL. */
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/bin', '/usr/local/nvidia/bin', '/usr/lib/wsl/lib'];
const LOOP_MS = 1_000;
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;
/** Silent or unreadable for so long, it is ended: some drivers answer a loop with errors from the second round on. */
const SILENCE_SECONDS = 10;
/** After so long a life the next start need not wait. */
const HEALTHY_SECONDS = 60;

/** @param setting a path, or a name that is looked for where drivers put it. @returns null: it is not there. */
export function findSmi(setting: string): string | null {
  const paths = setting.includes('/') ? [setting] : FOLDERS.map((folder) => `${folder}/${setting}`);
  return paths.find((path) => existsSync(path)) ?? null;
}

/**
 * One `nvidia-smi` that says everything once a second, for machines where its library cannot be loaded. Started
 * again when it ends or falls silent, after 1, 2, 4 … 60 s.
 */
export class SmiCollector implements Collector {
  readonly #path: string;
  readonly #surroundings: Pick<Surroundings, 'counters' | 'log'>;
  /** By UUID, what was said since the last sample. */
  readonly #fresh = new Map<string, SmiReading>();
  #child: ChildProcess | null = null;
  #waitSeconds = FIRST_WAIT_SECONDS;
  #startAtSeconds = Number.NEGATIVE_INFINITY;
  #startedSeconds = Number.NEGATIVE_INFINITY;
  #heardSeconds = Number.NEGATIVE_INFINITY;

  constructor(path: string, surroundings: Pick<Surroundings, 'counters' | 'log'>) {
    this.#path = path;
    this.#surroundings = surroundings;
  }

  /** Writes what was said since the last sample: nothing where it hangs. */
  sample(gathering: Gathering, atSeconds: number): void {
    this.#watch(atSeconds);
    for (const { index, uuid, gauges } of this.#fresh.values()) {
      const row = gathering.row('gpu', index, uuid);
      for (const [ordinal, value] of gauges) row.gauge(ordinal, value);
    }
    this.#fresh.clear();
  }

  close(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.kill('SIGTERM');
    this.#child = null;
  }

  /** Starts it where it does not run, ends it where it says nothing. */
  #watch(atSeconds: number): void {
    if (this.#fresh.size > 0) this.#heardSeconds = atSeconds;
    if (this.#child !== null) {
      if (atSeconds - this.#heardSeconds >= SILENCE_SECONDS) this.#child.kill('SIGKILL');
      return;
    }
    if (this.#heardSeconds - this.#startedSeconds >= HEALTHY_SECONDS) this.#waitSeconds = FIRST_WAIT_SECONDS;
    if (atSeconds < this.#startAtSeconds) return;
    this.#startAtSeconds = atSeconds + this.#waitSeconds;
    this.#waitSeconds = Math.min(2 * this.#waitSeconds, LONGEST_WAIT_SECONDS);
    this.#startedSeconds = atSeconds;
    this.#heardSeconds = atSeconds;
    this.#start();
  }

  #start(): void {
    const query = [`--query-gpu=${SMI_QUERY}`, '--format=csv,noheader,nounits', `--loop-ms=${LOOP_MS}`];
    const child = spawn(this.#path, query, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    this.#surroundings.counters.add('agent_smi_starts', {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.once('error', (error) => this.#ended({ err: error }));
    child.once('exit', (code, signal) => this.#ended({ code, signal }));
  }

  #take(line: string): void {
    const reading = parseSmiLine(line);
    if (reading === null) {
      if (line.trim() !== '') this.#surroundings.counters.add('agent_smi_unreadable_lines', {});
      return;
    }
    this.#fresh.set(reading.uuid, reading);
  }

  #ended(how: object): void {
    this.#child = null;
    this.#surroundings.log.warn(how, 'nvidia-smi ended: the values of GPUs are absent until it runs again');
  }
}

/** @throws SourceAbsentError where it is not installed. */
export function openSmi(setting: string, surroundings: Pick<Surroundings, 'counters' | 'log'>): SmiCollector {
  const path = findSmi(setting);
  if (path === null) throw new SourceAbsentError(`${setting}: expected NVIDIA's program`);
  return new SmiCollector(path, surroundings);
}
