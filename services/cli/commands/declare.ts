import process from 'node:process';
import { Command } from 'commander';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { METRICS } from '#libs/model/catalogue.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { withPorts } from '../ports.ts';

interface Options {
  readonly tenant: string;
  readonly behaviour: readonly string[];
  readonly bound: readonly string[];
  readonly approver: string;
  readonly from?: string;
  readonly to?: string;
}

export function declareCommand(): Command {
  return new Command('declare')
    .description(
      "enter a tenant's declaration for nodes; a declaration of the same id becomes its next version",
    )
    .argument('<id>', 'name of the declaration')
    .argument('<nodes...>', 'nodes it covers')
    .requiredOption('--tenant <name>', 'who declares')
    .requiredOption('--approver <name>', 'the named person who puts it on the list')
    .requiredOption('--behaviour <codes...>', `expected behaviours: ${Object.keys(BEHAVIOURS).join(', ')}`)
    .option(
      '--bound <bounds...>',
      'envelope, e.g. cpu_utilization_ratio=0..0.3 or node_power_watts=..900',
      [],
    )
    .option('--from <time>', 'valid from (ISO 8601; default: now)')
    .option('--to <time>', 'valid to (ISO 8601; default: open)')
    .action(async (id: string, nodes: string[], options: Options) => {
      const text = await withPorts(async (ports) => {
        const ledger = await ports.ledger();
        const versions = (await ledger.declarations.list()).filter((d) => d.id === id).map((d) => d.version);
        const declaration = toDeclaration(id, nodes, options, Math.max(0, ...versions) + 1, Date.now());
        await ledger.declarations.append(declaration);
        return `${id}@${declaration.version} covers ${nodes.join(', ')}`;
      });
      process.stdout.write(`${text}\n`);
    });
}

/** @throws ConfigError naming every option that cannot be read. */
export function toDeclaration(
  id: string,
  nodes: readonly string[],
  options: Options,
  version: number,
  nowMs: number,
): Declaration {
  const problems: string[] = [];
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      problems.push((error as Error).message);
      return otherwise;
    }
  };
  const declaration: Declaration = {
    id,
    version,
    tenant: options.tenant,
    nodes,
    behaviours: options.behaviour.map((code) => attempt(() => parseBehaviour(code), 'B13')),
    envelope: options.bound.map((bound) =>
      attempt(() => parseBound(bound), { metric: bound, min: null, max: null }),
    ),
    validFromMs: attempt(() => (options.from === undefined ? nowMs : parseTime(options.from)), 0),
    validToMs: attempt(() => (options.to === undefined ? null : parseTime(options.to)), null),
    approver: options.approver,
    recordedMs: nowMs,
  };
  if (problems.length > 0)
    throw new ConfigError(`the declaration has ${problems.length} problem(s):\n${problems.join('\n')}`);
  return declaration;
}

function parseBehaviour(code: string): Behaviour {
  if (code in BEHAVIOURS) return code as Behaviour;
  throw new ConfigError(`  --behaviour ${code}: expected one of ${Object.keys(BEHAVIOURS).join(', ')}`);
}

/** `metric=min..max`, either end may be empty, not both. */
export function parseBound(text: string): Bound {
  const match = /^(\w+)=(-?[\d.eE+-]*?)\.\.(-?[\d.eE+-]*)$/.exec(text);
  const [, metric = '', low = '', high = ''] = match ?? [];
  const [min, max] = [low, high].map((end) => (end === '' ? null : Number(end))) as [
    number | null,
    number | null,
  ];
  const readable =
    match !== null && !Number.isNaN(min) && !Number.isNaN(max) && (min !== null || max !== null);
  if (!readable)
    throw new ConfigError(`  --bound ${text}: expected metric=min..max, e.g. cpu_utilization_ratio=0..0.3`);
  if (!METRICS.has(metric))
    throw new ConfigError(`  --bound ${text}: expected a metric of the catalogue, got ${metric}`);
  return { metric, min, max };
}

function parseTime(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new ConfigError(`  ${text}: expected an ISO 8601 time, e.g. 2026-11-01T00:00:00Z`);
  return ms;
}
