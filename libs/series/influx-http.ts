import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError, InfluxDB, type Transport } from '@influxdata/influxdb-client';
import { StoreRefusedError, StoreUnavailableError } from '#libs/runtime/errors.ts';

export interface InfluxAccess {
  readonly url: string;
  /** v2: an API token. v1: `user:password`. Absent: no authentication. */
  readonly token?: string;
  readonly api: 'v1' | 'v2';
  /** A whole request, with its answer. */
  readonly timeoutMs: number;
}

/** The server found fault with what a request contains, not with the request. */
export interface ContentRefusal {
  readonly message: string;
  /** 1.x and 2.x say how many points a partial write dropped. */
  readonly dropped: number | null;
  /** 3.x names the lines, from 1. */
  readonly lines: readonly { readonly line: number; readonly message: string }[];
}

const LONGEST_HOLD_MS = 30_000;
const CONTENT = /partial write|unable to parse|field type conflict|beyond retention|max-(series|values)/;

/**
 * One server, over the official client's transport. Its own time-out leaves the socket open and its `Retry-After`
 * takes seconds for milliseconds; so both are done here.
 */
export class InfluxHttp {
  readonly #access: InfluxAccess;
  readonly #transport: Transport;
  readonly #agent: HttpAgent;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<AbortController>();
  #holdUntilMs = 0;

  constructor(access: InfluxAccess) {
    this.#access = access;
    const isTls = access.url.startsWith('https:');
    this.#agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true });
    this.#transport = new InfluxDB({
      url: access.url,
      timeout: 2 * access.timeoutMs,
      headers: { ...authorization(access), 'content-type': 'text/plain; charset=utf-8' },
      transportOptions: { agent: this.#agent },
    }).transport;
  }

  /**
   * @returns the body, parsed if JSON.
   * @throws StoreUnavailableError, StoreRefusedError
   */
  async request(method: string, path: string, body = '', contentType = 'text/plain'): Promise<unknown> {
    try {
      return await this.#send(method, path, body, contentType);
    } catch (error) {
      throw this.#translated(error);
    }
  }

  /** Writes lines. @returns null, or what the server found wrong with some of them. Throws as {@link request}. */
  async write(path: string, lines: string): Promise<ContentRefusal | null> {
    try {
      await this.#send('POST', path, lines, 'text/plain; charset=utf-8');
      return null;
    } catch (error) {
      const refusal = error instanceof HttpError ? contentRefusal(error) : null;
      if (refusal) return refusal;
      throw this.#translated(error);
    }
  }

  close(): void {
    this.#closing.abort();
    for (const request of this.#underWay) request.abort();
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body: string, contentType: string): Promise<unknown> {
    await this.#hold();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#access.timeoutMs);
    this.#underWay.add(abort);
    try {
      const headers = { 'content-type': contentType };
      return await this.#transport.request(path, body, { method, headers, signal: abort.signal });
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(abort);
    }
  }

  /** A server that said `Retry-After` is left alone until then. */
  async #hold(): Promise<void> {
    if (this.#closing.signal.aborted) throw new Error('the store is closed');
    const waitMs = this.#holdUntilMs - Date.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#closing.signal });
  }

  #translated(error: unknown): Error {
    const { url, timeoutMs } = this.#access;
    if (!(error instanceof HttpError)) {
      const { name, message } = error as Error;
      const what = name === 'AbortError' ? `no answer within ${timeoutMs} ms` : message;
      return new StoreUnavailableError(`${url}: ${what}; expected an InfluxDB server that answers`, {
        cause: error,
      });
    }
    const said = `${url}: answered ${error.statusCode}: ${messageOf(error)}`;
    if (error.statusCode >= 500 || error.statusCode === 429 || error.statusCode === 408) {
      this.#holdUntilMs = Date.now() + retryAfterMs(error);
      return new StoreUnavailableError(said, { cause: error });
    }
    return new StoreRefusedError(`${said}; ${adviceFor(error.statusCode)}`, { cause: error });
  }
}

function authorization({ api, token }: InfluxAccess): Record<string, string> {
  if (token === undefined || token === '') return {};
  if (api === 'v2') return { authorization: `Token ${token}` };
  return { authorization: `Basic ${Buffer.from(token, 'utf8').toString('base64')}` };
}

function adviceFor(statusCode: number): string {
  if (statusCode === 401 || statusCode === 403) {
    return 'check influxToken (DAVYLAMP_INFLUX_TOKEN): a token under v2, user:password under v1';
  }
  if (statusCode === 404) {
    return 'check influxDatabase, influxOrg and influxApi, or let the service create the database (prepare)';
  }
  return 'expected a request that the server accepts: check influxUrl and influxApi';
}

function retryAfterMs(error: HttpError): number {
  const seconds = Number(error.headers?.['retry-after']);
  return Number.isFinite(seconds) ? Math.min(LONGEST_HOLD_MS, Math.max(0, seconds) * 1000) : 0;
}

interface ErrorBody {
  readonly error?: string;
  readonly message?: string;
  readonly data?: readonly { readonly error_message?: string; readonly line_number?: number }[];
}

/** 1.x and 3.x say `error`, 2.x says `message`. */
function messageOf(error: HttpError): string {
  const { error: said, message } = (error.json ?? {}) as ErrorBody;
  return said ?? message ?? error.body ?? error.message;
}

function contentRefusal(error: HttpError): ContentRefusal | null {
  const message = messageOf(error);
  const isContent =
    [413, 422].includes(error.statusCode) || (error.statusCode === 400 && CONTENT.test(message));
  if (!isContent) return null;
  const { data = [] } = (error.json ?? {}) as ErrorBody;
  const dropped = /dropped=(\d+)/.exec(message)?.[1];
  return {
    message: message.trim(),
    dropped: dropped === undefined ? null : Number(dropped),
    lines: (Array.isArray(data) ? data : []).flatMap(({ line_number, error_message }) =>
      line_number === undefined ? [] : [{ line: line_number, message: error_message ?? message }],
    ),
  };
}
