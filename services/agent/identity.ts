import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { generateKeys, keysFromPem, type NodeKeys, pemOf } from '#libs/evidence/keys.ts';
import { nodeName, nodeSecret, State } from './state.ts';

/** In the state folder: the site told by a gateway. */
export const SITE_FILE = 'site';

/** Who a node is, kept in its state folder from its first start on. */
export interface Identity {
  readonly node: string;
  readonly keys: NodeKeys;
  /** Keys the hash of remote addresses. */
  readonly secret: Uint8Array;
  readonly state: State;
}

/**
 * Opens a node's identity, or makes it.
 * @param node the configured name; undefined: the name kept, or the host's.
 * @throws ConfigError for a folder that cannot be used, or belongs to another node.
 */
export function openIdentity(stateDir: string, node: string | undefined): Identity {
  const state = new State(stateDir);
  return {
    state,
    node: nodeName(state, node, hostname()),
    keys: keysFromPem(state.keep('node-key.pem', () => pemOf(generateKeys().privateKey)).toString()),
    secret: nodeSecret(state),
  };
}

/** Where a node stands: as configured, else as it was told when it joined a gateway, else `local`. */
export function siteOf({ state }: Identity, configured: string | undefined): string {
  return configured ?? state.read(SITE_FILE)?.toString().trim() ?? 'local';
}

/** A name for this start of the agent; the newest is left in the state folder for people who look for it. */
export function newBoot(state: State): string {
  const boot = randomBytes(16).toString('hex');
  state.write('boot', `${boot}\n`);
  return boot;
}
