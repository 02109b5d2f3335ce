import { buildRegister, EMPTY_REGISTER, type Register } from '#libs/detect/register.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { retry } from '#libs/runtime/retry.ts';

/** The ledger's register of nodes and declarations, as it was at the last look. */
export class RegisterCopy {
  readonly #ledger: Pick<Ledger, 'nodes' | 'declarations'>;
  readonly #surroundings: Surroundings;
  readonly #everyMs: number;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  current: Register = EMPTY_REGISTER;

  constructor(ledger: Pick<Ledger, 'nodes' | 'declarations'>, everyMs: number, surroundings: Surroundings) {
    this.#ledger = ledger;
    this.#everyMs = everyMs;
    this.#surroundings = surroundings;
  }

  /** Resolves with the first copy: without it every node would count as undeclared. */
  async start(): Promise<void> {
    await retry(() => this.refresh(), {
      firstMs: 100,
      maxMs: 5_000,
      signal: this.#stopping.signal,
      onFailure: (err) =>
        this.#surroundings.log.warn({ err }, 'the ledger is away; waiting for the register'),
    });
    this.#timer = setInterval(() => this.#look(), this.#everyMs);
  }

  async refresh(): Promise<void> {
    const [nodes, declarations] = await Promise.all([
      this.#ledger.nodes.list(),
      this.#ledger.declarations.list(),
    ]);
    this.current = buildRegister(nodes, declarations);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
  }

  /** A ledger that is away leaves the copy as it is. */
  #look(): void {
    this.#looking = this.refresh().catch((err: unknown) => {
      this.#surroundings.counters.add('detector_register_failures', {});
      this.#surroundings.log.warn({ err }, 'the register could not be read; going on with the last copy');
    });
  }
}
