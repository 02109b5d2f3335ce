import { envName } from './env-name.ts';
import { AddressTakenError, ConfigError } from './errors.ts';

/** Where a server is to listen, and the settings that say so. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Null: it is no setting. */
  readonly hostKey: string | null;
  readonly portKey: string;
}

/**
 * Waits for a server to listen.
 * @throws AddressTakenError while another process has the port; ConfigError for a port that this user may not have and
 * for an address that is not this machine's; each names the setting. Other errors as they are.
 */
export async function listening<T>(place: Place, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    throw inWords(error as NodeJS.ErrnoException, place);
  }
}

function inWords(cause: NodeJS.ErrnoException, { host, port, hostKey, portKey }: Place): Error {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (cause.code === 'EADDRINUSE') {
    const what = `${portKey}: ${address} is taken; stop what uses it, or set ${envName(portKey)}`;
    return new AddressTakenError(what, { cause });
  }
  if (cause.code === 'EACCES') {
    const what = `${portKey}: expected a port that this user may have, 1024 or more, got ${address}`;
    return new ConfigError(`${what} (env ${envName(portKey)})`, { cause });
  }
  const isElsewhere = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(cause.code ?? '');
  if (!isElsewhere || hostKey === null) return cause;
  const what = `${hostKey}: expected an address of this machine, got ${host}`;
  return new ConfigError(`${what} (env ${envName(hostKey)})`, { cause });
}
