import type { Point } from '#libs/series/port.ts';
import type { Desk } from '../desk.ts';
import { type SeriesReply, seriesQuery, seriesReply } from './contract/node.ts';
import { problem } from './contract/problem.ts';
import { visitor } from './guard.ts';
import { columnsOf, scopesIn, sight } from './nodes.ts';
import { Refusal } from './problem.ts';
import type { ApiServer } from './server.ts';
import { byNode } from './views.ts';

const MAX_FIELDS = 12;
const DAY_MS = 86_400_000;
/** A year of minutes is half a million points: what is asked for at once is bounded. */
const MAX_SPAN_MS = 31 * DAY_MS;

export function seriesRoutes(server: ApiServer, desk: Desk): void {
  server.route({
    method: 'GET',
    url: '/api/nodes/:node/series',
    schema: {
      summary:
        'Values of an entity: every frame for up to a day where they are stored, else one-minute summaries.',
      params: byNode,
      querystring: seriesQuery,
      response: { 200: seriesReply, 404: problem },
    },
    config: { caller: 'tenant' },
    handler: async (request) => {
      const { entity, fields, fromMs, toMs } = request.query;
      const names = fieldsOf(entity, fields);
      if (!(fromMs < toMs && toMs - fromMs <= MAX_SPAN_MS)) {
        throw new Refusal(400, 'query.toMs: expected a time after fromMs, 31 days at most');
      }
      const { record, visible } = await sight(desk, visitor(request).person, request.params.node);
      const scopes = scopesIn(record.node, visible, fromMs, toMs);
      const read = (measurement: 'frame' | 'summary') =>
        desk.series.read({ measurement, scopes, entity, fields: names });
      const frames = toMs - fromMs <= DAY_MS ? await read('frame') : [];
      if (frames.length > 0) return replyOf('frame', names, frames);
      return replyOf('summary', names, await read('summary'));
    },
  });
}

function fieldsOf(entity: string, text: string): string[] {
  const fields = [...new Set(text.split(',').filter((field) => field !== ''))];
  const known = columnsOf(entity);
  const unknown = fields.filter((field) => !known.has(field));
  if (unknown.length > 0)
    throw new Refusal(400, `query.fields: expected columns of ${entity}, got ${unknown.join()}`);
  if (fields.length < 1 || fields.length > MAX_FIELDS) {
    throw new Refusal(400, `query.fields: expected 1 to ${MAX_FIELDS} columns, got ${fields.length}`);
  }
  return fields;
}

function replyOf(detail: SeriesReply['detail'], fields: string[], points: readonly Point[]): SeriesReply {
  return {
    detail,
    fields,
    timesMs: points.map(({ timeMs }) => timeMs),
    values: fields.map((_, field) => points.map(({ values }) => known(values[field]))),
  };
}

/** Gauges are float32 on the wire: what lies beyond their digits is noise, and costs twice the bytes. */
const DIGITS = 1e-7;

function known(value: number | undefined): number | null {
  if (value === undefined || Number.isNaN(value)) return null;
  const short = Math.fround(value) === value ? Number(value.toPrecision(7)) : value;
  return Math.abs(short - value) <= Math.abs(value) * DIGITS ? short : value;
}
