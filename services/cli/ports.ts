import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openBus } from '#libs/bus/open.ts';
import type { Bus } from '#libs/bus/port.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
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

/** Where the embedded ports keep what they have. */
export type Store = 'bus' | 'series' | 'ledger';

/**
 * Runs a tool on the ports that the environment configures, and closes those it opened.
 * @param absent what of the embedded ports need not be there yet, and is then made.
 * @throws ConfigError, also for a data folder that no service has used: a tool would find it empty and well.
 */
export async function withPorts<T>(
  act: (ports: ToolPorts) => Promise<T>,
  absent: readonly Store[] = [],
): Promise<T> {
  const settings = loadToolConfig();
  const look = (store: Store) => {
    if (!absent.includes(store)) assertPresent(settings, store);
  };
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
      look('ledger');
      const ledger = openLedger(settings);
      await ledger.migrate();
      return ledger;
    }),
    bus: once(async () => {
      look('bus');
      const bus = await openBus(settings, log);
      await bus.ensure(Object.values(TOPICS));
      return bus;
    }),
    series: once(async () => {
      look('series');
      return openSeries(settings);
    }),
  });
}

/** @throws ConfigError where an embedded store is not there yet. */
export function assertPresent(settings: Pick<ToolSettings, 'dataDir' | Store>, store: Store): void {
  if (isPresent(settings, store)) return;
  throw new ConfigError(
    `${settings.dataDir}: no ${store} here; start davylamp once, or set DAVYLAMP_DATA_DIR`,
  );
}

/** True for servers too: they answer for themselves. */
export function isPresent(settings: Pick<ToolSettings, 'dataDir' | Store>, store: Store): boolean {
  return settings[store] !== 'embedded' || existsSync(join(settings.dataDir, `${store}.db`));
}
