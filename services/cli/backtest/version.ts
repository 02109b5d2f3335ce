import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import type { EvidenceTables } from '#libs/detect/evidence/model.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { modelSchema } from './model-file.ts';
import { misfits, parametersSchema, type SomeParameters } from './parameters-file.ts';

/** A detector as a backtest runs it: all its numbers, and its model. */
export interface DetectorVersion {
  readonly name: 'A' | 'B';
  readonly parameters: DetectParameters;
  readonly model: EvidenceTables;
  /** Where its parameters and its model come from, for a person. */
  readonly origin: { readonly parameters: string; readonly model: string };
  /** Numbers that differ from the shipped ones. */
  readonly changed: readonly Changed[];
}

export interface Changed {
  readonly name: string;
  readonly shipped: number;
  readonly value: number;
}

type Part =
  | { readonly file: string; readonly kind: 'parameters'; readonly value: SomeParameters }
  | { readonly file: string; readonly kind: 'model'; readonly value: EvidenceTables };

/**
 * Reads two versions: for each at most one file of parameters and one model, in any order; what is left out is as
 * shipped.
 * @throws ConfigError that names every problem of all files at once
 */
export async function readVersions(
  a: readonly string[],
  b: readonly string[],
): Promise<readonly [DetectorVersion, DetectorVersion]> {
  const problems: string[] = [];
  const versions = [await readVersion('A', a, problems), await readVersion('B', b, problems)] as const;
  if (problems.length === 0) return versions;
  throw new ConfigError(
    `the detector versions have ${problems.length} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** @param problems what is wrong is added here; then the version cannot be used */
async function readVersion(
  name: 'A' | 'B',
  files: readonly string[],
  problems: string[],
): Promise<DetectorVersion> {
  const parts: Part[] = [];
  for (const file of files) parts.push(...(await readPart(file, problems)));
  const own = parts.filter((part) => part.kind === 'parameters');
  const models = parts.filter((part) => part.kind === 'model');
  for (const { file } of [...own.slice(1), ...models.slice(1)])
    problems.push(`${file}: expected one file of parameters and one model at most for ${name}`);
  const parameters = { ...PARAMETERS, ...own[0]?.value };
  problems.push(...misfits(parameters).map((text) => `${own[0]?.file ?? 'as shipped'}: ${text}`));
  return {
    name,
    parameters,
    model: models[0]?.value ?? SHIPPED_MODEL,
    origin: { parameters: originOf(own[0]), model: originOf(models[0]) },
    changed: changedOf(parameters),
  };
}

function originOf(part: Part | undefined): string {
  return part === undefined ? 'as shipped' : basename(part.file);
}

function changedOf(parameters: DetectParameters): readonly Changed[] {
  return (Object.keys(PARAMETERS) as (keyof DetectParameters)[])
    .filter((name) => parameters[name] !== PARAMETERS[name])
    .map((name) => ({ name, shipped: PARAMETERS[name], value: parameters[name] }));
}

/** @returns the part, or nothing where it cannot be read; of parameters with problems those that are sound */
async function readPart(file: string, problems: string[]): Promise<readonly Part[]> {
  const content = await jsonOf(file);
  if (typeof content === 'string') {
    problems.push(`${file}: ${content}`);
    return [];
  }
  if ('features' in content || 'families' in content) {
    const model = modelSchema.safeParse(content);
    if (model.success) return [{ file, kind: 'model', value: model.data as EvidenceTables }];
    problems.push(...sentences(file, model.error, content));
    return [];
  }
  const parsed = parametersSchema.safeParse(content);
  if (parsed.success) return [{ file, kind: 'parameters', value: parsed.data }];
  problems.push(...sentences(file, parsed.error, content));
  // Whether the others fit together is said as well.
  const wrong = new Set(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : issue.path.slice(0, 1).map(String),
    ),
  );
  const sound = Object.entries(content).filter(([key]) => !wrong.has(key));
  return [{ file, kind: 'parameters', value: Object.fromEntries(sound) as SomeParameters }];
}

/** @returns what the file holds, or why it cannot be used */
async function jsonOf(file: string): Promise<object | string> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? content : 'expected a JSON object';
  } catch (error) {
    return `expected a readable JSON file (${error instanceof Error ? error.message : String(error)})`;
  }
}

function sentences(file: string, { issues }: z.ZodError, content: object): readonly string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${file}: ${[...path, key].join('.')}: expected no such key`);
    const value = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      content,
    );
    const got = typeof value === 'object' ? '' : `, got ${JSON.stringify(value) ?? 'nothing'}`;
    return [`${file}: ${path.join('.')}: ${issue.message}${got}`];
  });
}
