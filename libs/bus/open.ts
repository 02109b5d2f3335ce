import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '#libs/runtime/logger.ts';
import type { Bus } from './port.ts';
import { createSqliteBus } from './sqlite.ts';

/** The settings of the bus, to spread into a service's schema. */
export const busSettings = {
  dataDir: z.string().min(1, 'expected a folder').default('./data'),
  bus: z.enum(['embedded', 'kafka'], 'expected embedded or kafka').default('embedded'),
  busPartitions: z.coerce.number().int().min(1).max(1024, 'expected 1..1024').default(12),
};

export type BusSettings = z.infer<z.ZodObject<typeof busSettings>>;

/** Opens the bus that the settings name. @throws BusUnavailableError if the log file cannot be opened. */
export async function openBus(settings: BusSettings, log: Logger): Promise<Bus> {
  return createSqliteBus({
    path: join(settings.dataDir, 'bus.db'),
    partitions: settings.busPartitions,
    failed: (err) => log.warn({ err }, 'the log file failed; going on'),
  });
}
