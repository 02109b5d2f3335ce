import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { exchange, requireProgram } from '#deploy/servers/probe.ts';
import { eventually } from './eventually.ts';
import { freePorts } from './free-ports.ts';

/** A Redis of a test's own that keeps nothing on disk: killed and started again, it has forgotten everything. */
export class OwnRedis {
  readonly port: number;
  readonly #program: string;
  #child: ChildProcess | null = null;

  private constructor(program: string, port: number) {
    this.#program = program;
    this.port = port;
  }

  static async open(): Promise<OwnRedis> {
    const [port = 0] = await freePorts(1);
    const redis = new OwnRedis(await requireProgram('redis-server'), port);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(this.#program, options, { stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    this.#child = child;
    const answer = async () => (await exchange(this.port, 'PING\r\n'))?.toString() ?? '';
    await eventually('redis', answer, (text) => text.startsWith('+PONG'), 10_000, 50);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async flush(): Promise<void> {
    await exchange(this.port, 'FLUSHALL\r\n');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
