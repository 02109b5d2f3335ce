import { buildRegister, EMPTY_REGISTER, type Register } from '#libs/detect/register.ts';
import type { Ledger, NodeRecord } from '#libs/ledger/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { retry } from '#libs/runtime/retry.ts';

const UNKNOWN = {
  tenant: null,
  hardware: null,
  publicKey: null,
  enrolled: false,
  credentialHash: null,
  decommissionedMs: null,
};

/**
 * The ledger's register of nodes and declarations, as it was at the last look. Nodes that it does not have are
 * written into it, without a key: that is for a person to enrol.
 */
export class RegisterCopy {
  readonly #ledger: Pick<Ledger, 'nodes' | 'declarations'>;
  readonly #surroundings: Surroundings;
  readonly #everyMs: number;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  readonly #sighted = new Map<string, NodeRecord>();
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

  /** Notes a node that frames come from, for the next look. */
  sighted(node: string, site: string, receivedMs: number): void {
    if (this.#sighted.has(node)) return;
    this.#sighted.set(node, { ...UNKNOWN, node, site, firstSeenMs: receivedMs });
  }

  async refresh(): Promise<void> {
    for (const record of [...this.#sighted.values()]) {
      await this.#ledger.nodes.see(record);
      this.#sighted.delete(record.node);
    }
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
    await this.refresh().catch((err: unknown) => this.#failed(err));
  }

  /** A ledger that is away leaves the copy as it is. */
  #look(): void {
    this.#looking = this.refresh().catch((err: unknown) => this.#failed(err));
  }

  #failed(err: unknown): void {
    this.#surroundings.counters.add('detector_register_failures', {});
    this.#surroundings.log.warn({ err }, 'the register could not be read; going on with the last copy');
  }
}
