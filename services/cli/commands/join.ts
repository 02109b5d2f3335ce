import { Command } from 'commander';
import { configureBy } from '../config.ts';

interface Options {
  readonly fingerprint: string;
  readonly node: string;
  readonly state?: string;
}

export function joinCommand(): Command {
  return new Command('join')
    .description(
      'measure this machine and send its frames to a gateway; the token is needed the first time only',
    )
    .argument('<url>', "the gateway's address, https://host:port")
    .argument('[token]', 'one-time token, as `davylamp enrol` prints it')
    .requiredOption('--fingerprint <sha256>', "of the gateway's certificate")
    .requiredOption('--node <name>', 'name of this node, as enrolled')
    .option('--state <dir>', 'where its keys, credential and waiting frames are kept (default: ./data/agent)')
    .action(async (url: string, token: string | undefined, options: Options) => {
      // The agent is configured as in a container; the options are another way to say the same.
      configureBy({
        DAVYLAMP_OUTLET: 'gateway',
        DAVYLAMP_GATEWAY_URL: url,
        DAVYLAMP_GATEWAY_FINGERPRINT: options.fingerprint,
        DAVYLAMP_NODE: options.node,
        ...(token === undefined ? {} : { DAVYLAMP_GATEWAY_JOIN_TOKEN: token }),
        ...(options.state === undefined ? {} : { DAVYLAMP_STATE_DIR: options.state }),
      });
      await import('../../agent/main.ts');
    });
}
