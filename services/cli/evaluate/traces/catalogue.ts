import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { ConfigError, NotFoundError } from '#libs/runtime/errors.ts';
import { type CsvTable, parseCsv } from '#libs/traces/recording/parse-csv.ts';

const LISTED = z.object({
  id: z.string().min(1),
  kind: z.string(),
  file: z.string().min(1),
  labels: z.record(z.string(), z.number()).default({}),
  device: z.string().default(''),
  note: z.string().default(''),
  family: z.string().optional(),
});

/** One trace as `traces.json` lists it. */
export type ListedTrace = z.infer<typeof LISTED>;

/**
 * What a directory of traces lists: an array, or an object that holds it as `traces`.
 * @throws NotFoundError without a list that can be read
 */
export async function listTraces(directory: string): Promise<readonly ListedTrace[]> {
  const path = join(directory, 'traces.json');
  try {
    const list: unknown = JSON.parse(await readFile(path, 'utf8'));
    return z
      .union([z.array(LISTED), z.object({ traces: z.array(LISTED) }).transform(({ traces }) => traces)])
      .parse(list);
  } catch (cause) {
    throw new NotFoundError(`${path}: expected a list of traces with id, kind and file`, { cause });
  }
}

/**
 * The listed traces of nodes.
 * @param without ids of traces that are left out
 * @throws ConfigError for an id that is not listed; NotFoundError
 */
export async function listNodes(
  directory: string,
  without: readonly string[] = [],
): Promise<readonly ListedTrace[]> {
  const listed = await listTraces(directory);
  for (const id of without) {
    if (!listed.some((trace) => trace.id === id))
      throw new ConfigError(`--without ${id}: expected the id of a trace in ${directory}`);
  }
  return listed.filter(({ id, kind }) => kind === 'node' && !without.includes(id));
}

/** @throws NotFoundError when the file cannot be read as a gzipped CSV */
export async function readTrace(directory: string, { id, file }: ListedTrace): Promise<CsvTable> {
  const path = join(directory, file);
  try {
    return parseCsv((await promisify(gunzip)(await readFile(path))).toString());
  } catch (cause) {
    throw new NotFoundError(`${id}: expected a gzipped CSV at ${path}`, { cause });
  }
}
