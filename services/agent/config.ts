import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { ConfigError } from '#libs/runtime/errors.ts';

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const NAME_EXPECTED = 'expected 1 to 128 letters, digits, dots, hyphens or underscores';

export const agentConfig = z.object({
  ...busSettings,
  node: z
    .string()
    .regex(NAME, NAME_EXPECTED)
    .optional()
    .describe('name of this node; default: its host name'),
  site: z
    .string()
    .regex(NAME, NAME_EXPECTED)
    .optional()
    .describe('site that the node stands at; default: the one told by the gateway, or local'),
  intervalMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000, 'expected 100..600000')
    .default(10_000)
    .describe('length of a frame'),
  sampleMs: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000, 'expected 50..60000')
    .default(1_000)
    .describe('time between samples'),
  stateDir: z
    .string()
    .min(1)
    .default('./data/agent')
    .describe('keys, credential and waiting frames of this node'),
  procRoot: z.string().min(1).default('/proc').describe('where the kernel shows processes'),
  sysRoot: z.string().min(1).default('/sys').describe('where the kernel shows devices'),
  spoolMaxBytes: z.coerce
    .number()
    .int()
    .min(65_536, 'expected 65536 or more')
    .default(268_435_456)
    .describe('bound of the waiting frames on disk'),
  longLivedSeconds: z.coerce
    .number()
    .min(1)
    .max(86_400, 'expected 1..86400')
    .default(600)
    .describe('age from which a connection is reported'),
  outlet: z.enum(['bus', 'gateway'], 'expected bus or gateway').default('bus').describe('where frames go'),
  gatewayUrl: z
    .url({ protocol: /^https$/, error: 'expected https://host:port' })
    .optional()
    .describe('address of the gateway'),
  gatewayCredential: z
    .string()
    .min(1)
    .optional()
    .describe("the node's credential; default: the one got by joining"),
  gatewayJoinToken: z.string().min(1).optional().describe('one-time token to join with'),
  gatewayFingerprint: z
    .string()
    .regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, 'expected SHA-256 in hex')
    .optional()
    .describe("SHA-256 of the gateway's certificate"),
  gatewayCa: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of the gateway's authority, instead of a fingerprint"),
  healthPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535, 'expected 0..65535')
    .optional()
    .describe('port of /healthz and /metrics'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level logged'),
});

export type AgentConfig = z.infer<typeof agentConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadAgentConfig(): AgentConfig {
  return checkAgentConfig(loadConfig(agentConfig, { env: process.env }));
}

/** Settings that must fit together. @throws ConfigError for the first that do not. */
export function checkAgentConfig(settings: AgentConfig): AgentConfig {
  const { intervalMs, sampleMs, outlet, gatewayUrl } = settings;
  if (intervalMs % sampleMs !== 0) {
    throw new ConfigError(`intervalMs: expected a multiple of sampleMs (${sampleMs}), got ${intervalMs}`);
  }
  if (outlet === 'gateway' && gatewayUrl === undefined) {
    throw new ConfigError('gatewayUrl: expected the address of the gateway (outlet is gateway), got nothing');
  }
  return settings;
}
