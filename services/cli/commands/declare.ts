import process from 'node:process';
import { Command } from 'commander';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { METRICS } from '#libs/model/catalogue.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { NAME_EXPECTED, NAME_PATTERN } from '#libs/model/wire.ts';
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
      const lines = await withPorts(async (ports) => {
        const ledger = await ports.ledger();
        const versions = (await ledger.declarations.list()).filter((d) => d.id === id).map((d) => d.version);
        const declaration = toDeclaration(id, nodes, options, Math.max(0, ...versions) + 1, Date.now());
        await ledger.declarations.append(declaration);
        const known = new Set((await ledger.nodes.list()).map(({ node }) => node));
        return [
          `${id}@${declaration.version} covers ${declaration.nodes.join(', ')}`,
          ...declaration.nodes.filter((node) => !known.has(node)).map(strangerNote),
        ];
      });
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}

/** A node may be declared before it first reports; a misspelt one never will. */
function strangerNote(node: string): string {
  return `${node} is not known yet: the declaration counts once a node of this name reports; correct it if it is misspelt`;
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
    id: attempt(() => filled('<id>', id), ''),
    version,
    tenant: attempt(() => filled('--tenant', options.tenant), ''),
    nodes: unique(nodes).map((node) => attempt(() => nodeNamed(node), '')),
    behaviours: unique(options.behaviour).map((code) => attempt(() => parseBehaviour(code), 'B13')),
    envelope: options.bound.map((bound) =>
      attempt(() => parseBound(bound), { metric: bound, min: null, max: null }),
    ),
    ...attempt(() => validity(options, nowMs), { validFromMs: 0, validToMs: null }),
    approver: attempt(() => filled('--approver', options.approver), ''),
    recordedMs: nowMs,
  };
  if (problems.length > 0)
    throw new ConfigError(`the declaration has ${problems.length} problem(s):\n${problems.join('\n')}`);
  return declaration;
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

function filled(option: string, text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new ConfigError(`  ${option} "${text}": expected a name that is not empty`);
}

function nodeNamed(node: string): string {
  if (NAME_PATTERN.test(node)) return node;
  throw new ConfigError(`  node "${node}": expected ${NAME_EXPECTED}, one word a node`);
}

function parseBehaviour(code: string): Behaviour {
  if (Object.hasOwn(BEHAVIOURS, code)) return code as Behaviour;
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
  const ends = [min, max].filter((end) => end !== null);
  const wrong = (expected: string) => new ConfigError(`  --bound ${text}: expected ${expected}`);
  if (match === null || ends.length === 0 || !ends.every(Number.isFinite))
    throw wrong('metric=min..max, e.g. cpu_utilization_ratio=0..0.3');
  const kind = METRICS.get(metric)?.kind;
  if (kind === undefined) throw wrong(`a metric of the catalogue, got ${metric}`);
  if (kind === 'ratio' && ends.some((end) => end < 0 || end > 1))
    throw wrong('ends within 0..1, because it is a ratio: 0.3 is 30 %');
  if (min !== null && max !== null && min > max)
    throw wrong(`the smaller end first, e.g. ${metric}=${max}..${min}`);
  return { metric, min, max };
}

function validity({ from, to }: Options, nowMs: number): Pick<Declaration, 'validFromMs' | 'validToMs'> {
  const validFromMs = from === undefined ? nowMs : parseTime('--from', from);
  const validToMs = to === undefined ? null : parseTime('--to', to);
  if (validToMs === null || validFromMs < validToMs) return { validFromMs, validToMs };
  const begins = from ?? `now, ${new Date(nowMs).toISOString()}`;
  throw new ConfigError(`  --to ${to}: expected a time after --from (${begins})`);
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function parseTime(option: string, text: string): number {
  const ms = Date.parse(text);
  if (ISO_TIME.test(text) && !Number.isNaN(ms)) return ms;
  throw new ConfigError(`  ${option} ${text}: expected an ISO 8601 time, e.g. 2026-11-01T00:00:00Z`);
}
