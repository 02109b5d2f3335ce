/**
 * Adds to package-lock.json every optional dependency that a package names but the lock lacks.
 *
 * A registry that does not carry the binaries of other platforms makes `npm install` write a lock
 * without them, and `npm ci` then stops with EUSAGE. Run it after every new dependency: `npm run lock`.
 */
import { readFile, writeFile } from 'node:fs/promises';

interface LockEntry {
  version?: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

const path = 'package-lock.json';
const lock = JSON.parse(await readFile(path, 'utf8')) as { packages: Record<string, LockEntry> };
const added: string[] = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (key in lock.packages || !/^\d+\.\d+\.\d+/.test(range)) continue;
    lock.packages[key] = { version: range, optional: true };
    added.push(`${name}@${range}`);
  }
}
const [root, ...rest] = Object.entries(lock.packages);
if (root) lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))]);
await writeFile(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`added ${added.length} optional packages to ${path}`);
