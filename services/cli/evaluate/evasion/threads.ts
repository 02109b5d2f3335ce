import { Worker } from 'node:worker_threads';
import type { Input, Kind, Output, Setup } from './work.ts';

/** One piece of work. */
export interface Request {
  readonly kind: Kind;
  readonly input: unknown;
}

interface Waiting extends Request {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** Does a suite's pieces on several threads, first come, first served. What a piece gives does not depend on its thread. */
export class Threads {
  readonly #waiting: Waiting[] = [];
  readonly #idle: Worker[];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #done: () => void;
  #failed: Error | undefined;

  /** @param done called after each piece */
  constructor(count: number, workerData: Setup, done: () => void) {
    this.#done = done;
    this.#idle = Array.from({ length: count }, () => this.#start(workerData));
  }

  /** Outputs in the order of the inputs. @throws what a piece has thrown; nothing is done after that */
  all<K extends Kind>(kind: K, inputs: readonly Input<K>[]): Promise<Output<K>[]> {
    return Promise.all(
      inputs.map(
        (input) =>
          new Promise<Output<K>>((resolve, reject) => {
            this.#waiting.push({ kind, input, resolve, reject });
            this.#next();
          }),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy.keys()].map((worker) => worker.terminate()));
  }

  #start(workerData: Setup): Worker {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
    worker.on('message', (output: unknown) => {
      const piece = this.#busy.get(worker);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      piece?.resolve(output);
      this.#done();
      this.#next();
    });
    worker.on('error', (error: Error) => this.#fail(error));
    return worker;
  }

  #next(): void {
    if (this.#failed) this.#fail(this.#failed);
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const [worker, piece] = [this.#idle.pop(), this.#waiting.shift()];
      if (worker === undefined || piece === undefined) return;
      this.#busy.set(worker, piece);
      worker.postMessage({ kind: piece.kind, input: piece.input } satisfies Request);
    }
  }

  #fail(error: Error): void {
    this.#failed = error;
    for (const { reject } of [...this.#busy.values(), ...this.#waiting.splice(0)]) reject(error);
  }
}
