import process from 'node:process';
import { Command } from 'commander';
import { examineSources } from '#services/agent/app.ts';
import { checkConfiguration } from '../checks/configuration.ts';
import { type Check, checkClock, checkGpus, checkNode, checkPermissions } from '../checks/machine.ts';
import { checkServers } from '../checks/servers.ts';
import { loadGpuConfig } from '../config.ts';
import { show, table } from '../output.ts';
import { withPorts } from '../ports.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check configuration, servers, clock and permissions, and say what to do')
    .option('--json', 'print a JSON array')
    .action(async (options: { json?: boolean }) => {
      const checks = await withPorts(async (ports) => [
        ...checkConfiguration(),
        checkNode(process.versions.node),
        ...(await checkServers(ports)),
        checkClock(),
        ...(await checkPermissions(ports.settings.dataDir)),
        checkGpus(await examineSources(loadGpuConfig())),
      ]);
      show(options.json, checks, render);
      if (checks.some((check) => check.state === 'fail')) process.exitCode = 1;
    });
}

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

function render(checks: readonly Check[]): string {
  const rows = checks.map((c) => [MARKS[c.state], c.name, c.detail]);
  const advice = checks.filter((c) => c.advice !== '').map((c) => `${c.name}: ${c.advice}`);
  return [
    table(['', 'check', 'result'], rows),
    ...(advice.length > 0 ? ['\nWhat to do', ...advice] : []),
  ].join('\n');
}
