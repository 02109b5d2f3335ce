import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { jobsSettings } from '#libs/jobs/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig, type Problem } from '#libs/runtime/config.ts';
import { envName } from '#libs/runtime/env-name.ts';
import { SETTING_NAMES } from '#libs/runtime/setting-names.ts';
import { dataDirSetting } from '#libs/runtime/settings.ts';
import { seriesSettings } from '#libs/series/open.ts';
import { agentConfig, agentProblems } from '#services/agent/config.ts';
import { alerterConfig, alerterProblems } from '#services/alerter/config.ts';
import { consoleConfig } from '#services/console/config.ts';
import { detectorConfig, tierSettings } from '#services/detector/config.ts';
import { gatewayConfig } from '#services/gateway/config.ts';
import { writerConfig } from '#services/writer/config.ts';

const { clockAheadMs, falseAlarmBudget } = detectorConfig.shape;
/** Those of the detector are what a replay needs to judge as it did. */
const toolConfig = z.object({
  ...busSettings,
  ...seriesSettings,
  ...ledgerSettings,
  ...tierSettings,
  clockAheadMs,
  falseAlarmBudget,
});
export type ToolSettings = z.infer<typeof toolConfig>;

/** What the tools need to reach the ports. @throws ConfigError */
export function loadToolConfig(): ToolSettings {
  return loadConfig(toolConfig, { env: process.env }, busProblems, ledgerProblems);
}

const gpuConfig = z.object({
  nvmlLibrary: agentConfig.shape.nvmlLibrary,
  nvidiaSmi: agentConfig.shape.nvidiaSmi,
});

/** Where an agent on this machine would look for GPUs. @throws ConfigError */
export function loadGpuConfig(): z.infer<typeof gpuConfig> {
  return loadConfig(gpuConfig, { env: process.env });
}

const enrolConfig = z.object({
  ...dataDirSetting,
  gatewayPort: gatewayConfig.shape.gatewayPort,
  gatewayNames: gatewayConfig.shape.gatewayNames,
});

/** Where the gateway of this machine is, and what others call it. @throws ConfigError */
export function loadEnrolConfig(): z.infer<typeof enrolConfig> {
  return loadConfig(enrolConfig, { env: process.env });
}

/** Whether an agent would take it as the address of a gateway. */
export function isGatewayUrl(url: string): boolean {
  return agentConfig.shape.gatewayUrl.safeParse(url).success;
}

const backupConfig = z.object({
  ...toolConfig.shape,
  ...jobsSettings,
  stateDir: agentConfig.shape.stateDir.unwrap().optional(),
});
export type BackupSettings = z.infer<typeof backupConfig> & { readonly stateDir: string };

/** Where all state lies. The agent's is in the data directory, unless it is said. @throws ConfigError */
export function loadBackupConfig(): BackupSettings {
  const settings = loadConfig(backupConfig, { env: process.env }, busProblems, ledgerProblems);
  return { ...settings, stateDir: settings.stateDir ?? join(settings.dataDir, 'agent') };
}

const upConfig = z.object({
  ...agentConfig.shape,
  ...gatewayConfig.shape,
  ...writerConfig.shape,
  ...detectorConfig.shape,
  ...alerterConfig.shape,
  ...consoleConfig.shape,
  stateDir: agentConfig.shape.stateDir.unwrap().optional(),
  logLevel: consoleConfig.shape.logLevel.unwrap().default('warn'),
});
export type UpSettings = z.infer<typeof upConfig> & { readonly stateDir: string };

/** What all services together need. The agent's state lies in the data directory. @throws ConfigError */
export function loadUpConfig(): UpSettings {
  return withStateDir(
    loadConfig(upConfig, { env: process.env }, busProblems, ledgerProblems, alerterProblems, upAgentProblems),
  );
}

/** Of the project's own servers and tests: no service reads them. */
const OF_TESTS = /^DAVYLAMP_(TEST|SERVERS|CHAOS)(_|$)/;

/** `DAVYLAMP_*` variables that set nothing: misspelt, or of another version. */
export function strayVariables(): readonly string[] {
  const known = new Set([...SETTING_NAMES].map(envName)).add('DAVYLAMP_CONFIG');
  const ours = Object.keys(process.env).filter((name) => name.startsWith('DAVYLAMP_'));
  return ours.filter((name) => !known.has(name) && !OF_TESTS.test(name)).sort();
}

/** Where the demo's page may be; all else of the environment is for real fleets, their servers and their people. */
const DEMO_ENV = ['DAVYLAMP_CONSOLE_HOST', 'DAVYLAMP_CONSOLE_PORT', 'DAVYLAMP_LOG_LEVEL'];

/** What all services together need for a simulated fleet, embedded. @throws ConfigError */
export function loadDemoConfig(values: Readonly<Record<string, string>>): UpSettings {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => DEMO_ENV.includes(name)));
  return withStateDir(loadConfig(upConfig, { env: { ...values, ...env } }));
}

function withStateDir(settings: z.infer<typeof upConfig>): UpSettings {
  return { ...settings, stateDir: settings.stateDir ?? join(settings.dataDir, 'agent') };
}

function upAgentProblems(settings: z.infer<typeof upConfig>): readonly Problem[] {
  return agentProblems(withStateDir(settings));
}

/** Says settings in the environment's words, for a service that this process is about to become. */
export function configureBy(values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, values);
}
