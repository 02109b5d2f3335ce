import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './errors.ts';

/** A setting's key path joined by dots, e.g. `bus.kind`, and the environment variable that sets it. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** JSON file named by `DAVYLAMP_CONFIG`, if any. */
  readonly file?: string;
}

/**
 * Reads a configuration: the schema's defaults, then the file, then the environment.
 *
 * A key `seriesUrl` is set by `DAVYLAMP_SERIES_URL`. Unknown `DAVYLAMP_*` variables are left alone, because
 * services share an environment; unknown keys of the file are problems, like wrong values.
 * @throws ConfigError listing every problem at once.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  source: ConfigSource,
): z.infer<Schema> {
  const file = source.file ?? source.env.DAVYLAMP_CONFIG;
  const given = { ...(file ? readConfigFile(file) : {}), ...fromEnv(Object.keys(schema.shape), source.env) };
  const parsed = schema.strict().safeParse(given);
  if (parsed.success) return parsed.data as z.infer<Schema>;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, given));
  throw new ConfigError(`the configuration has ${problems.length} problem(s):\n${problems.join('\n')}`);
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

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') return `  ${issue.keys.join(', ')}: expected no such key`;
  const key = String(issue.path[0] ?? '');
  const value = key in given ? JSON.stringify(given[key]) : 'nothing';
  return `  ${key}: ${issue.message}, got ${value} (env ${envName(key)})`;
}
