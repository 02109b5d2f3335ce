import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { NAME_EXPECTED, NAME_PATTERN } from '#libs/model/wire.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { createJoinToken, gatewayFolder } from '#services/gateway/join-token.ts';
import { isGatewayUrl, loadEnrolConfig } from '../config.ts';
import { show } from '../output.ts';

interface Options {
  readonly site: string;
  readonly tenant?: string;
  readonly url?: string;
  readonly hours: string;
  readonly json?: boolean;
}

type Settings = ReturnType<typeof loadEnrolConfig>;

const HOUR_MS = 3_600_000;

export function enrolCommand(): Command {
  return new Command('enrol')
    .description(
      "make a one-time token for a node, and print the command that joins it to this machine's gateway",
    )
    .argument('<node>', 'name of the node')
    .option('--site <site>', 'where it stands', 'local')
    .option('--tenant <tenant>', 'who uses it')
    .option(
      '--url <url>',
      "the gateway's address as the node sees it (default: by DAVYLAMP_GATEWAY_NAMES, or this host, and DAVYLAMP_GATEWAY_PORT)",
    )
    .option('--hours <hours>', 'how long the token can be used', '24')
    .option('--json', 'print {node, token, fingerprint, url, expiresMs}')
    .action(async (node: string, options: Options) => {
      const ticket = await makeTicket(loadEnrolConfig(), node, options, Date.now());
      show(options.json, ticket, (t) =>
        [
          `${t.node} may join once until ${new Date(t.expiresMs).toISOString()}. On that machine, in a checkout:`,
          '',
          `  npx davylamp join ${t.url} ${t.token} --fingerprint ${t.fingerprint} --node ${t.node}`,
        ].join('\n'),
      );
      process.exitCode = 0;
    });
}

async function makeTicket(settings: Settings, node: string, options: Options, nowMs: number) {
  const { dataDir } = settings;
  if (!NAME_PATTERN.test(node)) throw new ConfigError(`${node}: expected ${NAME_EXPECTED}`);
  const hours = Number(options.hours);
  if (!(hours > 0 && hours <= 720))
    throw new ConfigError(`--hours ${options.hours}: expected more than 0, up to 720`);
  const expiresMs = nowMs + hours * HOUR_MS;
  const { site, tenant = null } = options;
  const url = urlOf(settings, options.url);
  // Before the token: in a folder without a gateway nothing is made.
  const fingerprint = await fingerprintOf(join(gatewayFolder(dataDir), 'cert.pem'));
  return {
    node,
    token: createJoinToken(dataDir, { node, site, tenant, expiresMs }),
    fingerprint,
    url,
    expiresMs,
  };
}

function urlOf({ gatewayPort, gatewayNames = [hostname()] }: Settings, given: string | undefined): string {
  if (given !== undefined) {
    if (isGatewayUrl(given)) return given;
    throw new ConfigError(`--url ${given}: expected https://host:port`);
  }
  if (gatewayPort === 0)
    throw new ConfigError(
      '--url: expected the address of the gateway, because gatewayPort is 0: any free one',
    );
  return `https://${gatewayNames[0]}:${gatewayPort}`;
}

async function fingerprintOf(path: string): Promise<string> {
  try {
    return new X509Certificate(await readFile(path)).fingerprint256;
  } catch (cause) {
    throw new ConfigError(
      `${path}: expected the gateway's certificate; start the gateway once (davylamp up)`,
      { cause },
    );
  }
}
