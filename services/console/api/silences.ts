import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Silence, SilenceScope } from '#libs/model/silence.ts';
import type { Desk } from '../desk.ts';
import { problem } from './contract/problem.ts';
import { channel, newSilence, type SilenceView, silence } from './contract/settings.ts';
import { visitor } from './guard.ts';
import { Refusal } from './problem.ts';
import { type ApiServer, nothing } from './server.ts';
import { byId } from './views.ts';

/** Of deliveries that wait, this many are counted. */
const COUNTED = 10_000;

export function silenceRoutes(server: ApiServer, desk: Desk): void {
  const { silences } = desk.ledger;

  server.route({
    method: 'GET',
    url: '/api/silences',
    schema: {
      summary: 'Silences and maintenance windows that are not over, and the newest of those that are.',
      response: { 200: z.array(silence) },
    },
    config: { caller: 'operator' },
    handler: async () => (await silences.list(desk.now())).map(silenceView),
  });

  server.route({
    method: 'POST',
    url: '/api/silences',
    schema: {
      summary: 'Add a silence or a maintenance window, in your name.',
      body: newSilence,
      response: { 201: silence },
    },
    config: { caller: 'operator' },
    handler: async (request, reply) => {
      const { scope, ...asked } = request.body;
      const createdMs = desk.now();
      if (asked.untilMs <= createdMs) throw new Refusal(400, 'body.untilMs: expected a time to come');
      const added: Silence = {
        ...asked,
        id: `silence-${randomUUID()}`,
        scope: scopeOf(scope),
        by: visitor(request).person.name,
        createdMs,
        endedMs: null,
        endedBy: null,
      };
      await silences.add(added);
      await settle(desk);
      return reply.code(201).send(silenceView(added));
    },
  });

  server.route({
    method: 'DELETE',
    url: '/api/silences/:id',
    schema: { summary: 'End a silence early.', params: byId, response: { 204: nothing, 404: problem } },
    config: { caller: 'operator' },
    handler: async (request, reply) => {
      await silences.end(request.params.id, visitor(request).person.name, desk.now());
      await settle(desk);
      return reply.code(204).send(null);
    },
  });
}

export function channelRoutes(server: ApiServer, desk: Desk): void {
  const { channels, outbox } = desk.ledger;
  server.route({
    method: 'GET',
    url: '/api/channels',
    schema: { summary: 'The ways in which people are told.', response: { 200: z.array(channel) } },
    config: { caller: 'operator' },
    handler: async () => {
      const [listed, waiting] = await Promise.all([
        channels.list(),
        outbox.deliveries({ waiting: true, limit: COUNTED }),
      ]);
      return listed.map(({ name, target, reportedMs }) => {
        const own = waiting.filter((delivery) => delivery.channel === name);
        const failing = own.filter(({ attempts }) => attempts > 0);
        const lastError = failing.at(-1)?.lastError ?? null;
        return { name, target, reportedMs, waiting: own.length, failing: failing.length, lastError };
      });
    },
  });
}

/** What a silence covers is silent at once, not only with the alerter's next look. */
async function settle(desk: Desk): Promise<void> {
  for (const { alert } of await desk.ledger.silences.settle(desk.now())) desk.tell(alert);
}

function scopeOf({ alert, site, tenant, kind, nodes }: z.output<typeof newSilence>['scope']): SilenceScope {
  return {
    ...(alert !== undefined && { alert }),
    ...(site !== undefined && { site }),
    ...(tenant !== undefined && { tenant }),
    ...(kind !== undefined && { kind }),
    ...(nodes !== undefined && { nodes }),
  };
}

function silenceView(one: Silence): SilenceView {
  return structuredClone(one) as SilenceView;
}
