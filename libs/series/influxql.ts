import type { Point, Scope, SeriesQuery } from './port.ts';

/** Nodes named in one statement: keeps it below a megabyte, and its regular expression small. */
const NODES_PER_STATEMENT = 500;
/**
 * Up to here nodes are compared one by one, which the index answers. InfluxDB 1.x takes time of the square of their
 * number for that, and of all nodes it knows for a regular expression.
 */
const NODES_COMPARED = 50;

const identifier = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const literal = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
const pattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** The statements that read what the scopes allow: one per distinct interval and 500 nodes. */
export function selectStatements(query: SeriesQuery, scopes: readonly Scope[]): readonly string[] {
  const columns = [...query.fields, 'node', 'entity'].map(identifier).join(', ');
  const entity = query.entity === undefined ? '' : ` AND "entity" = ${literal(query.entity)}`;
  return nodesByInterval(scopes).map(({ fromMs, toMs, nodes }) => {
    const interval = `time >= ${fromMs}ms AND time < ${toMs}ms`;
    return `SELECT ${columns} FROM ${identifier(query.measurement)} WHERE ${among(nodes)}${entity} AND ${interval}`;
  });
}

function among(nodes: readonly string[]): string {
  if (nodes.length > NODES_COMPARED) return `"node" =~ /^(${nodes.map(pattern).join('|')})$/`;
  return `(${nodes.map((node) => `"node" = ${literal(node)}`).join(' OR ')})`;
}

function nodesByInterval(scopes: readonly Scope[]): { fromMs: number; toMs: number; nodes: string[] }[] {
  const groups: { fromMs: number; toMs: number; nodes: string[] }[] = [];
  const open = new Map<string, (typeof groups)[number]>();
  for (const { node, fromMs, toMs } of scopes) {
    const key = `${fromMs}/${toMs}`;
    let group = open.get(key);
    if (!group || group.nodes.length === NODES_PER_STATEMENT) {
      group = { fromMs, toMs, nodes: [] };
      groups.push(group);
      open.set(key, group);
    }
    group.nodes.push(node);
  }
  return groups;
}

export interface QueryResponse {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values: readonly (readonly (number | string | null)[])[];
    }[];
  }[];
}

/** The points of a response, in the order of the statements; a null is NaN. */
export function pointsOf(response: QueryResponse, { measurement, fields }: SeriesQuery): readonly Point[] {
  return (response.results ?? []).flatMap(({ series = [] }) =>
    series.flatMap(({ columns, values }) => {
      const [time, node, entity] = ['time', 'node', 'entity'].map((name) => columns.indexOf(name));
      const places = fields.map((field) => columns.indexOf(field));
      return values.map((row) => ({
        measurement,
        node: row[node as number] as string,
        entity: row[entity as number] as string,
        timeMs: row[time as number] as number,
        fields,
        values: Float64Array.from(places, (place) => (row[place] as number | null) ?? Number.NaN),
      }));
    }),
  );
}

/** Creates the database with its retention policy as the default one, or brings the policy up to date. */
export function prepareStatements(database: string, retentionDays: number) {
  const name = identifier(database);
  const policy = `RETENTION POLICY "davylamp" ON ${name} DURATION ${retentionDays === 0 ? 'INF' : `${retentionDays}d`}`;
  return {
    createDatabase: `CREATE DATABASE ${name}`,
    alterPolicy: `ALTER ${policy} DEFAULT`,
    createPolicy: `CREATE ${policy} REPLICATION 1 DEFAULT`,
  };
}
