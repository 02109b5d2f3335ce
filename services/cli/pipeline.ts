import { openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { openJobs } from '#libs/jobs/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { openSeries } from '#libs/series/open.ts';
import { createAgent } from '#services/agent/app.ts';
import { createBusOutlet } from '#services/agent/bus-outlet.ts';
import { createAlerter } from '#services/alerter/app.ts';
import { openChannels } from '#services/alerter/channels/open.ts';
import { addAdministrator } from '#services/console/administrator.ts';
import { createConsole } from '#services/console/app.ts';
import { createDetector } from '#services/detector/app.ts';
import { createGateway } from '#services/gateway/app.ts';
import { createWriter } from '#services/writer/app.ts';
import type { UpSettings } from './config.ts';

export interface Parts {
  readonly agent: boolean;
  readonly gateway: boolean;
}

export interface Started {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly console: string;
  /** Of the administrator, to be shown once; null: there are people already. */
  readonly password: string | null;
  /** Address and fingerprint, or null where it was left out. */
  readonly gateway: string | null;
}

/**
 * Starts every service in this process on the configured ports. The stack ends them in reverse: the agent first, so
 * that what it still sends is taken in.
 */
export async function startPipeline(
  stack: AsyncDisposableStack,
  settings: UpSettings,
  parts: Parts,
  surroundings: Surroundings,
): Promise<Started> {
  const { log } = surroundings;
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  const series = stack.adopt(openSeries(settings), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  const jobs = stack.adopt(openJobs(settings, ledger.database, log), (it) => it.close());
  await ledger.migrate();
  await bus.ensure(Object.values(TOPICS));

  const run = async <A extends App>(app: A): Promise<A> => {
    stack.defer(() => app.stop());
    await app.start();
    return app;
  };
  await run(createWriter({ bus, series, ledger }, settings, surroundings));
  await run(createDetector({ bus, ledger }, settings, surroundings));
  await run(createAlerter({ bus, ledger, jobs, channels: openChannels(settings) }, settings, surroundings));
  const console = await run(createConsole({ bus, ledger, series }, settings, surroundings));
  const gateway = parts.gateway ? await run(createGateway({ bus, ledger }, settings, surroundings)) : null;
  if (parts.agent) await run(createAgent({ outlet: createBusOutlet(bus) }, settings, surroundings));
  return {
    bus,
    ledger,
    console: console.url(),
    // Last: a password that is made and not shown would be lost.
    password: await addAdministrator(ledger.people, Date.now()),
    gateway:
      gateway && `https://${settings.gatewayHost}:${gateway.port} (certificate ${gateway.fingerprint})`,
  };
}
