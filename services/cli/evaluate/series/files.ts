import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { ConfigError, NotFoundError } from '#libs/runtime/errors.ts';

export interface SeriesFile {
  /** Path below the folder, as it is written below the other. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Every `.csv` and `.csv.gz` below a folder, by name.
 * @throws NotFoundError without the folder, or without a series in it
 */
export async function seriesFiles(folder: string): Promise<readonly SeriesFile[]> {
  const names = await namesBelow(folder);
  const files = await Promise.all(
    names.sort().map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  );
  if (files.length > 0) return files;
  throw new NotFoundError(`${folder}: no series; expected .csv or .csv.gz files in it or below`);
}

/** @throws ConfigError when results would be written among, or over, the series */
export function assertApart(series: string, out: string): void {
  const [from, to] = [resolve(series), resolve(out)];
  if (from !== to && !to.startsWith(from + sep)) return;
  throw new ConfigError(
    `--out ${out}: expected a folder outside of --series ${series}, which it would overwrite`,
  );
}

async function namesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.csv(\.gz)?$/.test(entry.name))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (cause) {
    throw new NotFoundError(`${folder}: cannot be read; expected a folder of series`, { cause });
  }
}
