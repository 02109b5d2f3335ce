import { ConfigError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { type AgentConfig, readPem } from './config.ts';
import { openIdentity } from './identity.ts';
import type { Outlet } from './outlet.ts';

/** Opens the outlet that the settings name, and hands what must be closed to the stack. Loads only what it needs. */
export function openOutlet(settings: AgentConfig, log: Logger, stack: AsyncDisposableStack): Promise<Outlet> {
  return settings.outlet === 'bus' ? openBusOutlet(settings, log, stack) : openGatewayOutlet(settings, stack);
}

async function openBusOutlet(
  settings: AgentConfig,
  log: Logger,
  stack: AsyncDisposableStack,
): Promise<Outlet> {
  const { openBus } = await import('#libs/bus/open.ts');
  const { TOPICS } = await import('#libs/model/topics.ts');
  const { createBusOutlet } = await import('./bus-outlet.ts');
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

async function openGatewayOutlet(settings: AgentConfig, stack: AsyncDisposableStack): Promise<Outlet> {
  const { GatewayClient } = await import('./gateway-client.ts');
  const { createGatewayOutlet } = await import('./gateway-outlet.ts');
  const { nodeCredential } = await import('./join.ts');
  const { gatewayUrl: url, gatewayFingerprint: fingerprint, gatewayCa, gatewayCredential } = settings;
  if (url === undefined)
    throw new ConfigError('gatewayUrl: expected the address of the gateway, got nothing');
  const ca = gatewayCa === undefined ? undefined : readPem(gatewayCa);
  const client = stack.adopt(new GatewayClient({ url, fingerprint, ca }), (it) => it.close());
  const identity = openIdentity(settings.stateDir, settings.node);
  return createGatewayOutlet(
    client,
    async () => gatewayCredential ?? nodeCredential(identity, client, settings.gatewayJoinToken),
  );
}
