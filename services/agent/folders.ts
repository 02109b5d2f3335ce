import { readdirSync } from 'node:fs';

/** Paths of a folder's entries, sorted by name; none when the folder does not exist. */
export function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .sort()
      .map((name) => `${path}/${name}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
