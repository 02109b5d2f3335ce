import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Environment = Readonly<Record<string, string>>;

/** A service of the product as its own process, as it is deployed: `node services/<name>/main.ts`. */
export class ServiceProcess {
  readonly name: string;
  readonly #env: Environment;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;
  /** Everything it printed, over all its lives. */
  output = '';

  constructor(name: string, env: Environment, args: readonly string[] = []) {
    this.name = name;
    this.#env = env;
    this.#args = args;
  }

  start(): this {
    const main = fileURLToPath(new URL(`../../services/${this.name}/main.ts`, import.meta.url));
    const child = spawn(process.execPath, [main, ...this.#args], {
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    // A test run that is cut off leaves nothing behind.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    this.#child = child;
    return this;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} is not running`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Null while it runs, and where a signal ended it. */
  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  /** SIGTERM, and SIGKILL to what does not end within the deadline, which fails the test. */
  async stop(deadlineMs = 30_000): Promise<void> {
    const child = this.#child;
    if (child === null || !this.running) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    const [, signal] = await ended;
    clearTimeout(timer);
    if (signal === 'SIGKILL')
      throw new Error(`${this.name} did not stop within ${deadlineMs} ms:\n${this.output.slice(-4000)}`);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || !this.running) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
