import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { NAME_EXPECTED, NAME_PATTERN } from '#libs/model/wire.ts';
import { loadConfig, type Problem } from '#libs/runtime/config.ts';
import { choice, decimalNumber, filledText, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

const nameExpected = `expected ${NAME_EXPECTED}`;
const name = z.string(nameExpected).regex(NAME_PATTERN, nameExpected);

const agentSettings = {
  node: name.optional().describe('Name of this node; unset: its host name.'),
  site: name
    .optional()
    .describe('Site that the node stands at; unset: the one told by the gateway, or `local`.'),
  intervalMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('Length of a frame in milliseconds, a multiple of sampleMs.'),
  sampleMs: wholeNumber(50, 60_000).default(1_000).describe('Milliseconds between samples.'),
  stateDir: filledText('expected a folder')
    .default('./data/agent')
    .describe('Folder of the key, the credential and the waiting frames of this node.'),
  procRoot: filledText('expected a folder')
    .default('/proc')
    .describe('Folder where the kernel shows processes.'),
  sysRoot: filledText('expected a folder').default('/sys').describe('Folder where the kernel shows devices.'),
  nvmlLibrary: filledText('expected a library')
    .default('libnvidia-ml.so.1')
    .describe("Name or path of NVIDIA's management library."),
  nvidiaSmi: filledText('expected a program')
    .default('nvidia-smi')
    .describe('Name or path of the program to ask where that library cannot be loaded.'),
  spoolMaxBytes: wholeNumber(65_536)
    .default(268_435_456)
    .describe('Bytes on disk that waiting frames may take.'),
  longLivedSeconds: decimalNumber(1, 86_400)
    .default(600)
    .describe('Age in seconds from which a connection is reported.'),
  outlet: choice(['bus', 'gateway']).default('bus').describe('Where frames go.'),
  gatewayUrl: z
    .url({ protocol: /^https$/, error: 'expected https://host:port' })
    .optional()
    .describe('Address of the gateway, where outlet is gateway.'),
  gatewayCredential: filledText()
    .optional()
    .meta({ description: "The node's credential; unset: the one got by joining.", secret: true }),
  gatewayJoinToken: filledText()
    .optional()
    .meta({ description: 'Token to join with, valid once.', secret: true }),
  gatewayFingerprint: z
    .string('expected SHA-256 in hex')
    .regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, 'expected SHA-256 in hex')
    .optional()
    .describe("SHA-256 of the gateway's certificate, in hex."),
  gatewayCa: filledText('expected a readable PEM file')
    .optional()
    .describe("PEM file of the gateway's authority, instead of a fingerprint."),
};

export const agentConfig = z.object({ ...serviceSettings, ...busSettings, ...agentSettings });
export type AgentConfig = z.infer<typeof agentConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadAgentConfig(): AgentConfig {
  return loadConfig(agentConfig, { env: process.env }, agentProblems);
}

/** What of the settings does not fit together. */
export function agentProblems(settings: AgentConfig): readonly Problem[] {
  const { intervalMs, sampleMs, outlet, gatewayUrl } = settings;
  const problems: Problem[] = [];
  if (intervalMs % sampleMs !== 0) {
    problems.push({ key: 'intervalMs', message: `expected a multiple of sampleMs (${sampleMs})` });
  }
  if (outlet === 'gateway' && gatewayUrl === undefined) {
    problems.push({ key: 'gatewayUrl', message: 'expected https://host:port, because outlet is gateway' });
  }
  return outlet === 'bus' ? [...problems, ...busProblems(settings)] : problems;
}
