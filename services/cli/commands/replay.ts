import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { headerText } from '#libs/bus/header-text.ts';
import type { Bus } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { tierPolicy } from '#services/detector/config.ts';
import { parametersOf } from '#services/detector/parameters.ts';
import { createReplay } from '#services/detector/replay.ts';
import type { ToolSettings } from '../config.ts';
import { assertKnown } from '../known-node.ts';
import { progress, show, table, when } from '../output.ts';
import { withPorts } from '../ports.ts';

interface Options {
  readonly node?: string;
  readonly json?: boolean;
}

/** How one window's verdict of today's detector compares with what was recorded. */
interface Comparison {
  readonly node: string;
  readonly windowEndMs: number;
  readonly recorded: string | null;
  readonly replayed: string | null;
  readonly outcome: 'same' | 'differs' | 'only recorded' | 'only replayed';
  /** Fields of the verdict that differ; none where only what it rests on does. */
  readonly differsIn: readonly string[];
}

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'put the frames that the bus still holds through this detector again, and compare with the verdicts recorded',
    )
    .option('--node <name>', 'only this node')
    .option('--json', 'print a JSON array, one entry a window')
    .addHelpText(
      'after',
      '\nExit status 1: a verdict differs. What the bus no longer holds cannot be replayed; baselines then begin later.',
    )
    .action(async (options: Options) => {
      const compared = await withPorts(async (ports) =>
        compare(await ports.bus(), await ports.ledger(), ports.settings, options.node),
      );
      show(options.json, compared, render);
      if (compared.some((one) => one.outcome === 'differs')) process.exitCode = 1;
    });
}

type Verdicts = Map<string, Assessment>;

async function compare(
  bus: Bus,
  ledger: Ledger,
  settings: ToolSettings,
  node: string | undefined,
): Promise<readonly Comparison[]> {
  const recorded = await recordedVerdicts(bus);
  const replayed = await replayedVerdicts(bus, ledger, settings);
  const keys = [...new Set([...recorded.keys(), ...replayed.keys()])].sort();
  const compared = keys
    .map((key) => comparison(recorded.get(key), replayed.get(key)))
    .filter((one) => node === undefined || one.node === node);
  if (node !== undefined && compared.length === 0) await assertKnown(node, ledger);
  return compared;
}

function comparison(recorded: Assessment | undefined, replayed: Assessment | undefined): Comparison {
  const { node = '', windowEndMs = 0 } = recorded ?? replayed ?? {};
  const base = {
    differsIn: [],
    node,
    windowEndMs,
    recorded: recorded?.revision ?? null,
    replayed: replayed?.revision ?? null,
  };
  if (recorded === undefined) return { ...base, outcome: 'only replayed' };
  if (replayed === undefined) return { ...base, outcome: 'only recorded' };
  if (recorded.revision === replayed.revision) return { ...base, outcome: 'same' };
  return { ...base, outcome: 'differs', differsIn: differences(recorded, replayed) };
}

function differences(one: Assessment, other: Assessment): readonly string[] {
  const fields = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Assessment>;
  fields.delete('revision');
  return [...fields].filter((field) => !isDeepStrictEqual(one[field], other[field]));
}

/** The newest verdict of each node and window. */
async function recordedVerdicts(bus: Bus): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  await bus.replay(TOPICS.observations.name, {}, async (batch) => {
    for (const record of batch.records) {
      if (headerText(record, HEADERS.type) === 'assessment') keep(verdicts, record.value);
    }
  });
  return verdicts;
}

async function replayedVerdicts(bus: Bus, ledger: Ledger, settings: ToolSettings): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  const partitions = await bus.offsets(TOPICS.frames.name);
  const [tiers, parameters] = [tierPolicy(settings), parametersOf(settings)];
  const replay = await createReplay(ledger, tiers, parameters, ({ headers, value }) => {
    if (headers?.[HEADERS.type] === 'assessment') keep(verdicts, value);
  });
  const bar = progress(
    'replaying',
    partitions.reduce((sum, { low, next }) => sum + next - low, 0),
  );
  await bus.replay(TOPICS.frames.name, {}, async (batch) => {
    for (const record of batch.records) replay(batch.partition, record);
    bar.step(batch.records.length);
  });
  bar.end();
  return verdicts;
}

function keep(verdicts: Verdicts, value: Uint8Array): void {
  const verdict = JSON.parse(new TextDecoder().decode(value)) as Assessment;
  verdicts.set(`${verdict.node}/${verdict.windowEndMs}`, verdict);
}

function render(compared: readonly Comparison[]): string {
  const count = (outcome: Comparison['outcome']) => compared.filter((one) => one.outcome === outcome).length;
  const rows = compared
    .filter((one) => one.outcome === 'differs')
    .map((one) => [one.node, when(one.windowEndMs), one.differsIn.join(', ')]);
  const summary = `${compared.length} windows: ${count('same')} the same, ${count('differs')} differ, ${count('only recorded')} only recorded, ${count('only replayed')} only replayed`;
  return rows.length === 0 ? summary : `${summary}\n\n${table(['node', 'window end', 'differs in'], rows)}`;
}
