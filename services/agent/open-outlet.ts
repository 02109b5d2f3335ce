import { readFileSync } from 'node:fs';
import process from 'node:process';
import { ConfigError, GatewayRefusedError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import type { AgentConfig } from './config.ts';
import { openIdentity } from './identity.ts';
import type { Outlet } from './outlet.ts';

/** What each outlet needs, loaded only where it is chosen: the client of a broker is larger than the whole agent. */
const OUTLET_MODULES = {
  bus: () =>
    Promise.all([import('#libs/bus/open.ts'), import('#libs/model/topics.ts'), import('./bus-outlet.ts')]),
  gateway: () =>
    Promise.all([import('./gateway-client.ts'), import('./gateway-outlet.ts'), import('./join.ts')]),
};

const DATA_LOCK = () => import('#libs/runtime/data-lock.ts');

const NEW_TOKEN = 'davylamp enrol, on the machine of the gateway, prints the command to join with';

/** Loads all code that `openOutlet` will need, and nothing more. */
export async function loadOutlet({ outlet, bus }: AgentConfig): Promise<void> {
  if (outlet === 'gateway') {
    await OUTLET_MODULES.gateway();
  } else {
    const [{ BUS_ADAPTERS }] = await OUTLET_MODULES.bus();
    await BUS_ADAPTERS[bus]();
    if (bus === 'embedded') await DATA_LOCK();
  }
}

/** Opens the outlet that the settings name, and hands what must be closed to the stack. */
export function openOutlet(settings: AgentConfig, log: Logger, stack: AsyncDisposableStack): Promise<Outlet> {
  return settings.outlet === 'bus'
    ? openBusOutlet(settings, log, stack)
    : openGatewayOutlet(settings, log, stack);
}

async function openBusOutlet(
  settings: AgentConfig,
  log: Logger,
  stack: AsyncDisposableStack,
): Promise<Outlet> {
  const [{ openBus }, { TOPICS }, { createBusOutlet }] = await OUTLET_MODULES.bus();
  if (settings.bus === 'embedded') stack.use((await DATA_LOCK()).useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  let ensured = false;
  return createBusOutlet({
    // A bus that is away at the start must not keep the agent from sampling.
    async publish(messages) {
      if (!ensured) await bus.ensure([TOPICS.frames]);
      ensured = true;
      await bus.publish(messages);
    },
  });
}

async function openGatewayOutlet(
  settings: AgentConfig,
  log: Logger,
  stack: AsyncDisposableStack,
): Promise<Outlet> {
  const [{ GatewayClient }, { createGatewayOutlet }, { nodeCredential }] = await OUTLET_MODULES.gateway();
  const { gatewayUrl: url, gatewayFingerprint: fingerprint, gatewayCa, gatewayCredential } = settings;
  if (url === undefined)
    throw new ConfigError('gatewayUrl: expected the address of the gateway, got nothing');
  const ca = gatewayCa === undefined ? undefined : readPem(gatewayCa);
  const client = stack.adopt(new GatewayClient({ url, fingerprint, ca }), (it) => it.close());
  const identity = openIdentity(settings.stateDir, settings.node);
  const joined = () => process.stderr.write(`joined ${url} as ${identity.node}\n`);
  const credential = async () =>
    gatewayCredential ?? (await nodeCredential(identity, client, settings.gatewayJoinToken, joined));
  // Now, since the answer tells the site that frames name; if the gateway is away, with the first batch.
  await credential().catch((err: unknown) => {
    // Neither a spent token nor another certificate gets better by itself: a person must act.
    if (err instanceof GatewayRefusedError)
      throw new ConfigError(`${err.message}; ${NEW_TOKEN}`, { cause: err });
    log.warn({ err }, 'not joined yet');
  });
  return createGatewayOutlet(client, credential);
}

/** The text of a PEM file. @throws ConfigError */
function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`gatewayCa: expected a readable PEM file, got ${path}`, { cause });
  }
}
