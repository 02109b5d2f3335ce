import swagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { problem } from './contract/problem.ts';
import type { ApiServer, Caller } from './server.ts';

const CALLERS: Readonly<Record<Caller, string>> = {
  anybody: 'Anybody may call it.',
  tenant: 'Every person who is logged in may call it; a tenant gets what is theirs alone.',
  viewer: 'Viewers, operators and administrators may call it.',
  operator: 'Operators and administrators may call it.',
  admin: 'Administrators may call it.',
};

/** Describes the routes registered after it, from their schemas: OpenAPI 3.1. */
export async function describeApi(server: ApiServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'davylamp console',
        version: packageJson.version,
        description:
          'Times are Unix milliseconds; ratios 0 to 1. Requests that change something are JSON and come from the console’s own origin.',
      },
      components: {
        securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'davylamp_session' } },
      },
    },
    transform: ({ schema, url, route }) => {
      const caller = route.config?.caller;
      if (caller === undefined) return { schema: { hide: true }, url };
      return { schema: described(schema, caller), url };
    },
  });
}

export function openApiRoute(server: ApiServer): void {
  server.route({
    method: 'GET',
    url: '/api/openapi.json',
    schema: { summary: 'This description.', response: { 200: z.record(z.string(), z.unknown()) } },
    config: { caller: 'anybody' },
    handler: async () => server.swagger() as unknown as Record<string, unknown>,
  });
}

function described(schema: FastifySchema | undefined, caller: Caller) {
  const { body, querystring, params, response, ...words } = schema ?? {};
  return {
    ...words,
    description: CALLERS[caller],
    security: caller === 'anybody' ? [] : [{ session: [] }],
    'x-caller': caller,
    ...jsonSchemas({ body, querystring, params }, 'input'),
    response: jsonSchemas({ ...(response as Record<string, unknown>), default: problem }, 'output'),
  };
}

function jsonSchemas(
  parts: Readonly<Record<string, unknown>>,
  io: 'input' | 'output',
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, schema]) =>
      schema instanceof z.ZodType ? [[name, jsonSchema(schema, io)]] : [],
    ),
  );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
