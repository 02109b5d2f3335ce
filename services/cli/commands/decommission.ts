import process from 'node:process';
import { Command } from 'commander';
import { ConfigError } from '#libs/runtime/errors.ts';
import { show } from '../output.ts';
import { withPorts } from '../ports.ts';

interface Options {
  readonly by: string;
  readonly reason: string;
  readonly json?: boolean;
}

export function decommissionCommand(): Command {
  return new Command('decommission')
    .description(
      'take a node out of service: its credential is refused, its silence is no finding, and what is open of it closes; its history stays',
    )
    .argument('<node>', 'name of the node')
    .requiredOption('--by <name>', 'the person who decides it')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print the record of the act')
    .action(async (node: string, { by, reason, json }: Options) => {
      for (const [option, text] of Object.entries({ by, reason })) {
        if (text.trim() === '') throw new ConfigError(`--${option}: expected a text that is not empty`);
      }
      const act = await withPorts(async (ports) => {
        const { nodes } = await ports.ledger();
        await nodes.decommission(node, Date.now(), by.trim(), reason.trim());
        return (await nodes.history(node)).at(-1);
      });
      show(json, act, () =>
        [
          `${node} is out of service. Within a minute its frames are refused and its open findings close.`,
          `To put it back: davylamp enrol ${node}`,
        ].join('\n'),
      );
      process.exitCode = 0;
    });
}
