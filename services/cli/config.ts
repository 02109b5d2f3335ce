import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { seriesSettings } from '#libs/series/open.ts';

const toolConfig = z.object({ ...busSettings, ...seriesSettings, ...ledgerSettings });
export type ToolSettings = z.infer<typeof toolConfig>;

/** What the tools need to reach the ports. @throws ConfigError */
export function loadToolConfig(): ToolSettings {
  return loadConfig(toolConfig, { env: process.env });
}
