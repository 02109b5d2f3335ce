import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '#libs/runtime/errors.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** The folder in which an agent keeps what must survive it; readable by its user alone. */
export class State {
  readonly folder: string;

  /** @throws ConfigError if the folder cannot be made or used. */
  constructor(folder: string) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
      chmodSync(folder, FOLDER_MODE);
    } catch (cause) {
      throw new ConfigError(`stateDir: expected a folder of the agent's own, got ${folder}`, { cause });
    }
  }

  /** The content of a file; null: there is none. */
  read(name: string): Buffer | null {
    try {
      return readFileSync(join(this.folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: FILE_MODE, flush: true });
    chmodSync(path, FILE_MODE);
  }

  /** A file that is made once and stays as it is. */
  keep(name: string, make: () => string | Uint8Array): Buffer {
    const kept = this.read(name);
    if (kept) return kept;
    this.write(name, make());
    return this.read(name) ?? Buffer.alloc(0);
  }
}

/** Keys the hash of remote addresses: the same peer looks the same for ever on this node, and on no other. */
export function nodeSecret(state: State): Uint8Array {
  return state.keep('node-secret', () => randomBytes(32));
}

/**
 * The name the node keeps: the configured one, or the first host name it was started under.
 * @throws ConfigError if another name is configured than the one the folder belongs to: waiting frames carry it.
 */
export function nodeName(state: State, configured: string | undefined, hostName: string): string {
  const kept = state
    .keep('node', () => `${configured ?? sanitise(hostName)}\n`)
    .toString()
    .trim();
  if (configured === undefined || configured === kept) return kept;
  throw new ConfigError(
    `node is ${configured}, and ${state.folder} belongs to ${kept}: expected the same, or another stateDir`,
  );
}

/** A host name within what names of nodes may be: letters, digits, `.`, `_`, `-`, at most 128. */
export function sanitise(hostName: string): string {
  return hostName.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 128) || 'node';
}
