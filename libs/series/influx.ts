import { StoreRefusedError, StoreUnavailableError } from '#libs/runtime/errors.ts';
import { flawOf, isSafeTag } from './flaw.ts';
import { type InfluxAccess, InfluxHttp } from './influx-http.ts';
import { pointsOf, prepareStatements, type QueryResponse, selectStatements } from './influxql.ts';
import { LineProtocol } from './line-protocol.ts';
import type { Point, Series, SeriesQuery, WriteOutcome } from './port.ts';
import { mergeScopes } from './scopes.ts';

export interface InfluxOptions extends InfluxAccess {
  /** The database of 1.x and 3.x, the bucket of 2.x. */
  readonly database: string;
  /** 2.x only. */
  readonly org: string;
  /** 0: points are kept for ever. */
  readonly retentionDays: number;
}

const LINES_PER_REQUEST = 5_000;
const BYTES_PER_REQUEST = 1_000_000;

type Refused = WriteOutcome['refused'][number];

/** Lines of one request, each with its end, and which points they are. */
interface Slice {
  readonly text: string;
  readonly indexes: readonly number[];
}

/**
 * InfluxDB 1.x (`v1`), 2.x and 3.x (`v2`): `/write` or `/api/v2/write` for lines, InfluxQL over `/query` for
 * reading, which all three serve. On 2.x that needs the mapping of a database to the bucket: the server makes one
 * for a bucket by itself, else `influx v1 dbrp create`.
 */
export function openInfluxSeries(options: InfluxOptions): Series {
  return new InfluxSeries(options);
}

class InfluxSeries implements Series {
  readonly #options: InfluxOptions;
  readonly #http: InfluxHttp;
  readonly #protocol = new LineProtocol();
  readonly #writePath: string;

  constructor(options: InfluxOptions) {
    this.#options = options;
    this.#http = new InfluxHttp(options);
    const { api, database, org } = options;
    this.#writePath =
      api === 'v1'
        ? `/write?${form({ db: database, precision: 'ms' })}`
        : `/api/v2/write?${form({ org, bucket: database, precision: 'ms' })}`;
  }

  prepare(): Promise<void> {
    return this.#options.api === 'v1' ? this.#prepareDatabase() : this.#prepareBucket();
  }

  async write(points: readonly Point[]): Promise<WriteOutcome> {
    const refused: Refused[] = [];
    for (const slice of this.#slices(points, refused)) {
      refused.push(...(await this.#send(slice)));
    }
    refused.sort((a, b) => a.index - b.index);
    return { stored: points.length - refused.length, refused };
  }

  async read(query: SeriesQuery): Promise<readonly Point[]> {
    // What no point may be named cannot be found, and might not be quotable.
    if (query.entity !== undefined && !isSafeTag(query.entity)) return [];
    const scopes = mergeScopes(query.scopes).filter(({ node }) => isSafeTag(node));
    const statements = selectStatements(query, scopes);
    if (statements.length === 0 || query.fields.length === 0) return [];
    const response = await this.#query(statements.join(';'));
    return pointsOf(response, query).toSorted((a, b) => a.timeMs - b.timeMs);
  }

  async check(): Promise<void> {
    try {
      await this.#http.request('GET', '/ping');
    } catch (error) {
      // A server without /ping has answered all the same.
      if (!(error instanceof StoreRefusedError)) throw error;
    }
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  /** Between two slices others may use the protocol: what it has gathered is taken before. */
  *#slices(points: readonly Point[], refused: Refused[]): Generator<Slice> {
    let indexes: number[] = [];
    for (let index = 0; index < points.length; index++) {
      const point = points[index] as Point;
      const reason = flawOf(point);
      if (reason !== null) refused.push({ index, reason });
      else if (this.#protocol.append(point)) indexes.push(index);
      if (indexes.length >= LINES_PER_REQUEST || this.#protocol.length >= BYTES_PER_REQUEST) {
        yield { text: this.#protocol.take(), indexes };
        indexes = [];
      }
    }
    if (indexes.length > 0) yield { text: this.#protocol.take(), indexes };
  }

  /** Writes a slice; where the server refuses an unknown part of it, halves it until the part is known. */
  async #send(slice: Slice): Promise<readonly Refused[]> {
    const refusal = await this.#http.write(this.#writePath, slice.text);
    if (refusal === null) return [];
    const { length } = slice.indexes;
    if (refusal.lines.length > 0) {
      return refusal.lines.flatMap(({ line, message }) => refusedAt(slice, line - 1, message));
    }
    if (length === 1 || refusal.dropped === length) {
      return slice.indexes.map((index) => ({ index, reason: refusal.message }));
    }
    const half = length >> 1;
    const first = await this.#send(part(slice, 0, half));
    return [...first, ...(await this.#send(part(slice, half, length)))];
  }

  async #prepareDatabase(): Promise<void> {
    const { database, retentionDays } = this.#options;
    const { createDatabase, alterPolicy, createPolicy } = prepareStatements(database, retentionDays);
    await this.#query(createDatabase);
    try {
      await this.#query(alterPolicy);
    } catch (error) {
      if (!(error instanceof StoreRefusedError && error.message.includes('not found'))) throw error;
      await this.#query(createPolicy);
    }
  }

  /** Where the server has no such call (3.x makes a database at its first write) or hides it, the first write tells. */
  async #prepareBucket(): Promise<void> {
    const { org, database, retentionDays } = this.#options;
    const { orgs = [] } = (await this.#look(`/api/v2/orgs?${form({ org })}`)) as { orgs?: { id: string }[] };
    if (orgs[0] === undefined) return;
    const asked = form({ org, name: database });
    const { buckets = [] } = (await this.#look(`/api/v2/buckets?${asked}`)) as { buckets?: unknown[] };
    if (buckets.length > 0) return;
    const retentionRules = [{ type: 'expire', everySeconds: retentionDays * 86_400 }];
    const body = JSON.stringify({ orgID: orgs[0].id, name: database, retentionRules });
    await this.#http.request('POST', '/api/v2/buckets', body, 'application/json');
  }

  /** What the server says at a path; an empty object where it refuses to. */
  async #look(path: string): Promise<object> {
    try {
      return ((await this.#http.request('GET', path)) ?? {}) as object;
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error;
      return {};
    }
  }

  async #query(statements: string): Promise<QueryResponse> {
    const { database, url } = this.#options;
    const body = form({ db: database, epoch: 'ms', q: statements });
    const answer = await this.#http.request('POST', '/query', body, 'application/x-www-form-urlencoded');
    const response = answer as QueryResponse;
    const error = response.results?.find((result) => result.error !== undefined)?.error;
    if (error === undefined) return response;
    if (/timeout|limit|interrupted/.test(error)) throw new StoreUnavailableError(`${url}: ${error}`);
    throw new StoreRefusedError(`${url}: ${error}; check influxDatabase ${JSON.stringify(database)}`);
  }
}

const form = (pairs: Record<string, string>): string => new URLSearchParams(pairs).toString();

function part({ text, indexes }: Slice, from: number, to: number): Slice {
  // No line has an end within: `flawOf` sees to that.
  const lines = text.split('\n').slice(from, to);
  return { text: `${lines.join('\n')}\n`, indexes: indexes.slice(from, to) };
}

function refusedAt({ indexes }: Slice, line: number, reason: string): readonly Refused[] {
  const index = indexes[line];
  return index === undefined ? [] : [{ index, reason }];
}
