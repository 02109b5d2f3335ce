import { openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { openSeries } from '#libs/series/open.ts';
import type { Series } from '#libs/series/port.ts';
import { loadToolConfig, type ToolSettings } from './config.ts';

/** The ports a tool may need; each opens at its first use, with its topics and tables made. */
export interface ToolPorts {
  readonly settings: ToolSettings;
  ledger(): Promise<Ledger>;
  bus(): Promise<Bus>;
  series(): Promise<Series>;
}

/** Runs a tool on the ports that the environment configures, and closes those it opened. @throws ConfigError */
export async function withPorts<T>(act: (ports: ToolPorts) => Promise<T>): Promise<T> {
  const settings = loadToolConfig();
  const log = createLogger('cli', 'warn');
  await using opened = new AsyncDisposableStack();
  const once = <P extends { close(): Promise<void> }>(open: () => Promise<P>) => {
    let port: Promise<P> | null = null;
    return () => {
      port ??= open().then((p) => opened.adopt(p, (it) => it.close()));
      return port;
    };
  };
  return await act({
    settings,
    ledger: once(async () => {
      const ledger = openLedger(settings);
      await ledger.migrate();
      return ledger;
    }),
    bus: once(async () => {
      const bus = await openBus(settings, log);
      await bus.ensure(Object.values(TOPICS));
      return bus;
    }),
    series: once(async () => openSeries(settings)),
  });
}
