import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { visitor } from './guard.ts';
import { Refusal } from './problem.ts';
import type { ApiServer } from './server.ts';

/** At most this many listeners: each holds a connection. */
const MAX_LISTENERS = 1_000;

export function liveRoutes(server: ApiServer, desk: Desk): void {
  server.route({
    method: 'GET',
    url: '/api/live',
    schema: {
      summary:
        'Server-sent events: `verdicts` (liveVerdicts, those that have changed, once a second at most) and `alert` (the id of one that has changed).',
      produces: ['text/event-stream'],
      response: { 200: z.string().describe('text/event-stream') },
    },
    config: { caller: 'tenant' },
    handler: (request, reply) => {
      const { person, tokenHash } = visitor(request);
      if (desk.live.listeners >= MAX_LISTENERS) {
        throw new Refusal(503, 'too many listeners: expected fewer open pages');
      }
      reply.hijack();
      const mayGoOn = async () => (await desk.ledger.people.session(tokenHash, desk.now())) !== null;
      desk.live.add({ person, response: reply.raw, mayGoOn });
    },
  });
}
