import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFound, sendProblem } from './api/problem.ts';

/** Where Vite builds the pages. */
export const DIST = join(import.meta.dirname, 'dist');
const YEAR_SECONDS = 31_536_000;
const MISSING = 'The pages of the console are not built yet: npm run prepare\n';

/**
 * Serves the built pages. Paths that name no file are routes of the pages: they get `index.html`. Built assets have a
 * hash in their names and are kept for ever, the rest is asked for again each time.
 */
export async function pageRoutes(server: FastifyInstance, dist: string): Promise<void> {
  const isBuilt = existsSync(join(dist, 'index.html'));
  if (isBuilt) {
    await server.register(fastifyStatic, {
      root: dist,
      wildcard: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(dist, 'assets'));
        reply.header('cache-control', isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) return sendProblem(reply, notFound(`${request.method} ${request.url}`));
    if (!isBuilt) return reply.code(503).type('text/plain; charset=utf-8').send(MISSING);
    return sendIndex(reply);
  });
}

/** Files lie at the root and under `/assets`; a node's name in the path of its page may have dots. */
function isPage({ method, url }: FastifyRequest): boolean {
  const [path = ''] = url.split('?');
  return (method === 'GET' || method === 'HEAD') && !/^\/(api|assets)\/|^\/[^/]*\.\w+$/.test(path);
}

function sendIndex(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile('index.html');
}
