import process from 'node:process';
import { Command } from 'commander';
import type { Bus } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { CONSUMERS } from '../consumers.ts';
import { show, table, when } from '../output.ts';
import { withPorts } from '../ports.ts';

type Status = Awaited<ReturnType<typeof gather>>;

export function statusCommand(): Command {
  return new Command('status')
    .description('show backlogs, nodes, findings, alerts and what is still to be told')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }) => {
      const status = await withPorts(async (ports) => gather(await ports.ledger(), await ports.bus()));
      show(options.json, status, render);
      process.exitCode = 0;
    });
}

async function gather(ledger: Ledger, bus: Bus) {
  const [backlog, nodes, findings, alerts, pending, loss] = await Promise.all([
    Promise.all(
      CONSUMERS.flatMap(({ group, topics }) => topics.map((topic) => backlogOf(bus, group, topic.name))),
    ),
    ledger.nodes.list(),
    ledger.alerts.findings({ status: 'open' }),
    ledger.alerts.alerts(),
    ledger.outbox.deliveries({ waiting: true, limit: 1000 }),
    ledger.custody.balance(),
  ]);
  return {
    backlog,
    nodes: nodes.length,
    openFindings: findings.length,
    alerts: alerts.map(({ id, summary, state, severity, openedMs }) => ({
      id,
      summary,
      state,
      severity,
      openedMs,
    })),
    undelivered: pending.map(({ notice: id, event, channel, attempts, lastError }) => ({
      id,
      event,
      channel,
      attempts,
      lastError,
    })),
    framesInFlight: loss.reduce((sum, row) => sum + row.inFlight, 0),
  };
}

async function backlogOf(bus: Bus, group: string, topic: string) {
  const partitions = await bus.offsets(topic, group);
  const messages = partitions.reduce((sum, p) => sum + Math.max(0, p.next - (p.committed ?? p.low)), 0);
  return { group, topic, messages };
}

function render(status: Status): string {
  const alerts = status.alerts.map((a) => [a.summary, a.state, a.severity, when(a.openedMs)]);
  const told = status.undelivered.map((n) => [
    n.id,
    n.event,
    n.channel,
    n.attempts,
    n.lastError ?? 'waiting',
  ]);
  return [
    `${status.nodes} nodes, ${status.openFindings} open findings, ${status.framesInFlight} frames in flight`,
    `\nBacklog (messages not yet committed)\n${table(
      ['group', 'topic', 'messages'],
      status.backlog.map((b) => [b.group, b.topic, b.messages]),
    )}`,
    `\nAlerts\n${table(['summary', 'state', 'severity', 'opened'], alerts)}`,
    `\nNotices not delivered\n${table(['notice', 'event', 'channel', 'tries', 'last error'], told)}`,
  ].join('\n');
}
