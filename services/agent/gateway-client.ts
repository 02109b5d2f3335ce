import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import { BusUnavailableError, GatewayRefusedError } from '#libs/runtime/errors.ts';

/** How a gateway is reached, and by what it is recognised. */
export interface GatewayAddress {
  /** `https://host:port` */
  readonly url: string;
  /** SHA-256 of its certificate, hex with or without colons; trusted instead of any authority. */
  readonly fingerprint?: string | undefined;
  /** Certificates of authorities, PEM; undefined: those of the system. */
  readonly ca?: string | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 15_000;
const MAX_REPLY_BYTES = 65_536;

/**
 * One kept-alive connection to a gateway. Node's own client: `undici` would add 19 MB to a process that is to stay
 * small. Nothing is sent before the certificate has been recognised.
 */
export class GatewayClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor({ url, fingerprint, ca }: GatewayAddress) {
    this.#url = url;
    const options: AgentOptions = { keepAlive: true, maxSockets: 1, ...(ca !== undefined && { ca }) };
    this.#agent = fingerprint === undefined ? new Agent(options) : new PinnedAgent(fingerprint, options);
  }

  /**
   * @returns the reply, whatever its status.
   * @throws BusUnavailableError when there is none; GatewayRefusedError when it is another gateway than expected.
   */
  async post(path: string, headers: OutgoingHttpHeaders, body: Uint8Array): Promise<Reply> {
    try {
      return await this.#exchange(new URL(path, this.#url), headers, body);
    } catch (error) {
      if (error instanceof GatewayRefusedError) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new BusUnavailableError(`${this.#url}: expected a gateway that answers, got ${cause}`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(url: URL, headers: OutgoingHttpHeaders, body: Uint8Array): Promise<Reply> {
    const options = {
      method: 'POST',
      agent: this.#agent,
      headers: { ...headers, 'content-length': body.length },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    return new Promise((resolve, reject) => {
      const sent = request(url, options, (response) => {
        readReply(response).then(resolve, reject);
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_REPLY_BYTES) chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

type Created = (error: Error | null, socket: Duplex) => void;

/** Hands out connections only after the certificate's fingerprint has been compared. */
class PinnedAgent extends Agent {
  readonly #fingerprint: string;

  constructor(fingerprint: string, options: AgentOptions) {
    // A resumed session brings no certificate to compare.
    // And no authority is asked: the system's, 150 of them, would stay in memory.
    super({ ...options, maxCachedSessions: 0, ca: [] });
    this.#fingerprint = plainHex(fingerprint);
  }

  override createConnection(options: RequestOptions, created?: Created): undefined {
    const socket = connect({ ...(options as ConnectionOptions), rejectUnauthorized: false });
    const failed = (error: Error) => created?.(error, socket);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.removeListener('error', failed);
      const seen = plainHex(socket.getPeerCertificate().fingerprint256);
      if (seen === this.#fingerprint) {
        created?.(null, socket);
        return;
      }
      socket.destroy();
      failed(new GatewayRefusedError(`the gateway's certificate is ${seen}: expected ${this.#fingerprint}`));
    });
  }
}

/** `AB:CD` → `abcd` */
function plainHex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
