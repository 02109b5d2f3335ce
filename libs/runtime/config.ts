import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './errors.ts';

export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** JSON file; default: the one named by `DAVYLAMP_CONFIG`, if any. */
  readonly file?: string;
}

/** A setting that cannot be used, by its key, and what was expected. */
export interface Problem {
  readonly key: string;
  readonly message: string;
}

/**
 * Reads a configuration: the schema's defaults, then the file, then the environment.
 *
 * A key `seriesUrl` is set by `DAVYLAMP_SERIES_URL`. Unknown `DAVYLAMP_*` variables are left alone, because
 * services share an environment; unknown keys of the file are problems, like wrong values. A value whose schema has
 * the meta `secret` is never shown.
 * @param checks what does not fit together, of settings that are sound one by one.
 * @throws ConfigError listing every problem at once.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  source: ConfigSource,
  ...checks: readonly ((settings: z.infer<Schema>) => readonly Problem[])[]
): z.infer<Schema> {
  const file = source.file ?? source.env.DAVYLAMP_CONFIG;
  const given = { ...(file ? readConfigFile(file) : {}), ...fromEnv(Object.keys(schema.shape), source.env) };
  const parsed = schema.strict().safeParse(given);
  const wrong = firstByKey(parsed.success ? [] : parsed.error.issues.flatMap(problemsOf));
  // What is wrong by itself is taken as unset here, and not named a second time.
  const sound = schema.safeParse(omit(given, wrong));
  const misfits = sound.success ? checks.flatMap((check) => check(sound.data as z.infer<Schema>)) : [];
  const problems = firstByKey([...wrong.values(), ...misfits]);
  if (parsed.success && problems.size === 0) return parsed.data as z.infer<Schema>;
  const lines = [...problems.values()].map((problem) => describe(problem, schema, given));
  throw new ConfigError(`the configuration has ${lines.length} problem(s):\n${lines.join('\n')}`);
}

/** `seriesUrl` → `DAVYLAMP_SERIES_URL`. */
export function envName(key: string): string {
  return `DAVYLAMP_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

function readConfigFile(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new ConfigError(`${path}: expected a readable JSON file (named by DAVYLAMP_CONFIG)`, { cause });
  }
}

function fromEnv(keys: readonly string[], env: ConfigSource['env']): Record<string, string> {
  const set = keys.flatMap((key) => {
    const value = env[envName(key)];
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(set);
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ key: String(issue.path[0]), message: issue.message }];
  return issue.keys.map((key) => ({ key, message: 'expected no such key' }));
}

function firstByKey(problems: readonly Problem[]): ReadonlyMap<string, Problem> {
  const first = new Map<string, Problem>();
  for (const problem of problems) if (!first.has(problem.key)) first.set(problem.key, problem);
  return first;
}

function omit(given: Record<string, unknown>, keys: { has(key: string): boolean }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !keys.has(key)));
}

function describe({ key, message }: Problem, schema: z.ZodObject, given: Record<string, unknown>): string {
  const field = schema.shape[key] as z.ZodType | undefined;
  if (field === undefined) return `  ${key}: ${message}`;
  const shown = z.globalRegistry.get(field)?.secret ? 'a secret' : JSON.stringify(given[key]);
  return `  ${key}: ${message}, got ${key in given ? shown : 'nothing'} (env ${envName(key)})`;
}
