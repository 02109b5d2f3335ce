import process from 'node:process';
import { Command } from 'commander';
import type { LossRow } from '#libs/ledger/port.ts';
import { show, table } from '../output.ts';
import { withPorts } from '../ports.ts';

export function lossCommand(): Command {
  return new Command('loss')
    .description('show the loss ledger: what became of every frame, by agent and boot')
    .option('--json', 'print a JSON array')
    .option('--strict', 'exit with 1 unless every frame is stored, dead-lettered or dropped')
    .action(async (options: { json?: boolean; strict?: boolean }) => {
      const rows = await withPorts(async (ports) => (await ports.ledger()).custody.balance());
      show(options.json, rows, renderLoss);
      if (options.strict && rows.some((row) => row.inFlight !== 0)) process.exitCode = 1;
    });
}

function renderLoss(rows: readonly LossRow[]): string {
  const cells = rows.map((r) => [
    r.node,
    r.boot.slice(0, 8),
    r.sent,
    r.stored,
    r.dead,
    r.dropped,
    r.inFlight,
  ]);
  return table(['node', 'boot', 'sent', 'stored', 'dead-lettered', 'dropped', 'in flight'], cells);
}
