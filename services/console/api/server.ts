import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchemaCompiler,
  FastifyTypeProvider,
  RawServerDefault,
} from 'fastify';
import { z } from 'zod';
import type { Role } from '#libs/model/person.ts';
import { Refusal } from './problem.ts';

/** Whoever may call a route: somebody without a session, or a role and those above it. */
export type Caller = 'anybody' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route under `/api` names it. */
    readonly caller?: Caller;
  }
}

/** Schemas of routes are zod's: requests are typed and parsed by them. */
interface ZodProvider extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

export type ApiServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodProvider
>;

/** The server with requests parsed by zod. Answers are typed by it, and checked by the tests alone. */
export function zodServer(server: FastifyInstance): ApiServer {
  server.setValidatorCompiler(parser);
  server.setSerializerCompiler(() => JSON.stringify);
  return server.withTypeProvider<ZodProvider>();
}

const parser: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { value: parsed.data };
    const problems = parsed.error.issues.map((issue) => describe(httpPart ?? 'request', issue));
    return { error: new Refusal(400, problems.join('; ')) };
  };

function describe(part: string, { path, message }: z.core.$ZodIssue): string {
  return `${[part === 'querystring' ? 'query' : part, ...path.map(String)].join('.')}: ${message}`;
}

export const nothing = z.null().describe('Nothing.');
