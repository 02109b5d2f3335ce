import { access, constants, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { ConfigError, ConflictError } from '#libs/runtime/errors.ts';
import type { MachineFacts } from './machine.ts';
import type { Marks } from './phases.ts';

/** One trace as `traces.json` lists it. Fields beyond those of the trace format are additions that readers may skip. */
export interface TraceEntry {
  readonly id: string;
  /** `flow`: bytes of connections by intervals; not `network`, whose rows are packets. */
  readonly kind: 'node' | 'flow';
  /** Below the folder of `traces.json`. */
  readonly file: string;
  readonly rows: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly device: string;
  readonly interval_ms: number;
  readonly gpu_power_limit_watts?: number;
  readonly note: string;
  readonly licence: string;
  readonly family?: string;
  /** Of connections: the trace of the node they were recorded with. */
  readonly with?: string;
  readonly recorded: string;
  readonly command: string;
  /** Share of all cores that the command had while rows were labelled, 0 to 1; absent where it ended by itself. */
  readonly command_cpu_ratio?: number;
  readonly marks: Marks;
  /** `complete`, `interrupted`, `command ended`, or how the command failed. */
  readonly ended: string;
  readonly machine: MachineFacts;
}

export interface KeptTrace {
  readonly entry: TraceEntry;
  readonly csv: string;
}

const LIST = z.array(z.looseObject({ id: z.string(), with: z.string().optional() }));
type Listed = z.infer<typeof LIST>;
const compress = promisify(gzip);

/** What the folder's `traces.json` lists, an empty list where there is none. @throws ConfigError when it cannot be read */
async function readList(folder: string): Promise<Listed> {
  const path = listOf(folder);
  try {
    return LIST.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ConfigError(`${path}: expected a list of traces, or no such file`, { cause });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(`${folder}: expected a folder that can be written`, { cause });
  }
}

/** Makes the folder, and sure that what is recorded can be kept there. @throws ConflictError when the id is taken, ConfigError */
export async function checkFree(folder: string, id: string, replace: boolean): Promise<void> {
  await makeFolder(folder);
  const taken = (await readList(folder)).some((entry) => entry.id === id);
  if (taken && !replace)
    throw new ConflictError(
      `${id}: expected an id that ${listOf(folder)} does not list yet; give another, or --replace`,
    );
}

/**
 * Writes the files and lists them, in place of what an earlier recording of the same id had left. Whoever reads
 * meanwhile sees the list before or after.
 */
export async function keepTraces(folder: string, id: string, traces: readonly KeptTrace[]): Promise<void> {
  for (const { entry, csv } of traces) {
    const path = join(folder, entry.file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await compress(csv, { level: 9 }));
  }
  const others = (await readList(folder)).filter((entry) => entry.id !== id && entry.with !== id);
  await writeList(folder, [...others, ...traces.map(({ entry }) => entry)]);
}

async function writeList(folder: string, list: readonly object[]): Promise<void> {
  const path = listOf(folder);
  await writeFile(`${path}.new`, `${JSON.stringify(list, null, 1)}\n`);
  await rename(`${path}.new`, path);
}

function listOf(folder: string): string {
  return join(folder, 'traces.json');
}
