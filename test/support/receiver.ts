import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly key: string;
  readonly body: { readonly event: string };
  readonly atMs: number;
}

/** A webhook receiver on loopback that remembers every call. */
export class Receiver {
  readonly calls: Call[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const key = String(request.headers['idempotency-key']);
      this.calls.push({ key, body: JSON.parse(Buffer.concat(chunks).toString()), atMs: Date.now() });
      response.writeHead(204).end();
    });
  });

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => {
      receiver.#server.listen(0, '127.0.0.1', resolve);
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Calls of one event, one per idempotency key: what a receiver that honours the key acts on. */
  events(event: string): readonly Call[] {
    const calls = this.calls.filter((call) => call.body.event === event);
    return [...new Map(calls.map((call) => [call.key, call])).values()];
  }

  /** Calls that repeat a key: possible between a reply and its record, and harmless. */
  get repeats(): number {
    return this.calls.length - new Set(this.calls.map((call) => call.key)).size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
