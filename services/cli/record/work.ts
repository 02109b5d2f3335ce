import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundError } from '#libs/runtime/errors.ts';
import { processTimes, treeSeconds } from './cpu-time.ts';

const STOP_MS = 5_000;
const STDERR_KEPT = 2_000;

/** Default: those of this process. */
export interface Surrounds {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** The command that runs while it is recorded, in a process group of its own so that it ends as a whole. */
export class Work implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #group: number;
  readonly #exited: Promise<unknown>;
  readonly #killAll = () => this.#signal('SIGKILL');
  #stderr = '';
  #stopped = false;

  private constructor(child: ChildProcess, group: number) {
    this.#child = child;
    this.#group = group;
    this.#exited = once(child, 'exit');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    process.once('exit', this.#killAll);
  }

  /** @throws NotFoundError when the program cannot be started */
  static async start(command: readonly string[], { env, cwd }: Surrounds): Promise<Work> {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { detached: true, env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new NotFoundError(`${program}: expected a program that can be started`, { cause });
    }
    assert(child.pid !== undefined);
    return new Work(child, child.pid);
  }

  /** It is over: by itself, or because it was stopped. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Processor time of the command and all that it started, so far. */
  get cpuSeconds(): number {
    return treeSeconds(this.#group, processTimes());
  }

  /** How it ended by itself; null where it was stopped. */
  get ending(): string | null {
    const { exitCode, signalCode, spawnfile } = this.#child;
    if (this.#stopped || !this.ended) return null;
    if (exitCode === 0) return 'command ended';
    const said = this.#stderr.trim();
    return `command failed: ${spawnfile} ended with ${signalCode ?? `status ${exitCode}`}${said && `: ${said}`}`;
  }

  /** SIGTERM, and SIGKILL to what of the group is left after five seconds. */
  async stop(): Promise<void> {
    process.off('exit', this.#killAll);
    if (!this.ended) {
      this.#stopped = true;
      this.#signal('SIGTERM');
      // What is held by SIGSTOP would not hear it.
      this.#signal('SIGCONT');
      await Promise.race([this.#exited, sleep(STOP_MS, undefined, { ref: false })]);
    }
    this.#signal('SIGKILL');
    if (!this.ended) await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#group, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
