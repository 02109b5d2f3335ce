import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { envName } from './env-name.ts';
import { ConfigError } from './errors.ts';
import { SETTING_NAMES } from './setting-names.ts';

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
 * A key `seriesUrl` is set by `DAVYLAMP_SERIES_URL`. Services share a file and an environment: settings of others are
 * left alone, and so are unknown `DAVYLAMP_*` variables; keys of the file that no service knows are problems, like wrong
 * values. A value whose schema has the meta `secret` is never shown.
 * @param checks what does not fit together, of settings that are sound one by one.
 * @throws ConfigError listing every problem at once.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  source: ConfigSource,
  ...checks: readonly ((settings: z.infer<Schema>) => readonly Problem[])[]
): z.infer<Schema> {
  const file = source.file ?? source.env.DAVYLAMP_CONFIG;
  const inFile = file ? readConfigFile(file) : {};
  const given = { ...inFile, ...fromEnv(Object.keys(schema.shape), source.env) };
  const parsed = schema.safeParse(given);
  const wrong = firstByKey([
    ...(parsed.success ? [] : parsed.error.issues.map(problemOf)),
    ...unknownKeys(inFile, schema),
  ]);
  // What is wrong by itself is taken as unset here, and not named a second time.
  const sound = schema.safeParse(omit(given, wrong));
  const misfits = sound.success ? checks.flatMap((check) => check(sound.data as z.infer<Schema>)) : [];
  const problems = firstByKey([...wrong.values(), ...misfits]);
  if (parsed.success && problems.size === 0) return parsed.data as z.infer<Schema>;
  const lines = [...problems.values()].map((problem) => describe(problem, schema, given));
  throw new ConfigError(`the configuration has ${lines.length} problem(s):\n${lines.join('\n')}`);
}

function readConfigFile(path: string): Record<string, unknown> {
  const expected = `${path}: expected a readable JSON file with one object (named by DAVYLAMP_CONFIG)`;
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
  } catch (cause) {
    throw new ConfigError(expected, { cause });
  }
  throw new ConfigError(expected);
}

function fromEnv(keys: readonly string[], env: ConfigSource['env']): Record<string, string> {
  const set = keys.flatMap((key) => {
    const value = env[envName(key)];
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(set);
}

function problemOf({ path, message }: z.core.$ZodIssue): Problem {
  return { key: String(path[0]), message };
}

function unknownKeys(inFile: Record<string, unknown>, { shape }: z.ZodObject): readonly Problem[] {
  const unknown = Object.keys(inFile).filter((key) => !Object.hasOwn(shape, key) && !SETTING_NAMES.has(key));
  return unknown.map((key) => ({ key, message: 'expected no such key' }));
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
