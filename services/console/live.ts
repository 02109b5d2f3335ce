import type { ServerResponse } from 'node:http';
import type { Verdict } from '#libs/ledger/assessment-port.ts';
import type { Person } from '#libs/model/person.ts';

/** Somebody who listens, and the answer that they are told in. */
export interface Listener {
  readonly person: Person;
  readonly response: ServerResponse;
  /** Whether the session still holds; asked every half minute. */
  readonly mayGoOn: () => Promise<boolean>;
}

export interface LiveOptions {
  /** Whether this person may hear a verdict. */
  readonly hears: (person: Person, verdict: Verdict) => boolean;
  /** How long changes are gathered. Default 1 s. */
  readonly everyMs?: number;
}

/** What may wait unread for one listener before they are dropped: they come back and see the present. */
const MAX_WAITING_BYTES = 1 << 20;
const BEAT_MS = 15_000;
const CHECK_MS = 30_000;

/** Tells those who listen of changes, as server-sent events, once a second at most. */
export class Live {
  readonly #options: LiveOptions;
  readonly #listeners = new Set<Listener>();
  /** By node: of several changes within a second the last. */
  #verdicts = new Map<string, Verdict>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timers.push(
      setInterval(() => this.flush(), this.#options.everyMs ?? 1_000),
      setInterval(() => this.#each((listener) => this.#write(listener, ': \n\n')), BEAT_MS),
      setInterval(() => this.#each((listener) => void this.#check(listener)), CHECK_MS),
    );
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#each((listener) => this.#drop(listener));
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  add(listener: Listener): void {
    const { response } = listener;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.on('close', () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    this.#write(listener, 'retry: 3000\n\n');
  }

  verdict(verdict: Verdict): void {
    if (this.#listeners.size > 0) this.#verdicts.set(verdict.node, verdict);
  }

  /** @param isTheirs whether a person may hear of the alert. */
  alert(id: string, isTheirs: (person: Person) => boolean): void {
    this.#each((listener) => {
      if (isTheirs(listener.person)) this.#write(listener, event('alert', id));
    });
  }

  flush(): void {
    if (this.#verdicts.size === 0) return;
    const verdicts = [...this.#verdicts.values()];
    this.#verdicts = new Map();
    const forAll = event('verdicts', verdicts);
    this.#each((listener) => {
      if (listener.person.role !== 'tenant') {
        this.#write(listener, forAll);
        return;
      }
      const theirs = verdicts.filter((verdict) => this.#options.hears(listener.person, verdict));
      if (theirs.length > 0) this.#write(listener, event('verdicts', theirs));
    });
  }

  #write(listener: Listener, text: string): void {
    const { response } = listener;
    if (response.writableLength > MAX_WAITING_BYTES) this.#drop(listener);
    else response.write(text);
  }

  /** A session that has ended, and a ledger that cannot say, end the listening too. */
  async #check(listener: Listener): Promise<void> {
    const mayGoOn = await listener.mayGoOn().catch(() => false);
    if (!mayGoOn) this.#drop(listener);
  }

  #drop(listener: Listener): void {
    this.#listeners.delete(listener);
    listener.response.destroy();
  }

  #each(act: (listener: Listener) => void): void {
    for (const listener of [...this.#listeners]) act(listener);
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
