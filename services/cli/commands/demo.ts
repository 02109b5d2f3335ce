import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { administratorNotice } from '#services/console/administrator.ts';
import { type Demo, type DemoOptions, startDemo } from '../demo/run.ts';
import { decimal, duration, wholeNumber } from '../options.ts';
import { progress } from '../output.ts';

interface Options extends DemoOptions {
  /** Seconds. */
  readonly for?: number;
  readonly json?: true;
}

/** What a demo came to. `frames`: those that the detector took in. */
interface Outcome {
  readonly nodes: number;
  readonly frames: number;
  readonly findings: number;
  readonly alerts: number;
}

/**
 * First findings within seconds, and a third of a core for the pipeline and 200 simulated nodes together, so that the
 * page answers at once on two cores (../demo/README.md).
 */
const SPEED = 30;
/** Event minutes by which the story's first findings are there. */
const FIRST_FINDINGS_MINUTES = 5;
const STEP_MS = 10_000;
const MINUTE_MS = 60_000;
const POLL_MS = 500;

export function demoCommand(): Command {
  return new Command('demo')
    .description('run the whole pipeline on a simulated fleet, some of which hides what it does')
    .option('--nodes <number>', 'simulated nodes', wholeNumber(40, 5_000), 200)
    .option(
      '--speed <factor>',
      'event time over clock time, until it has caught up with the clock',
      decimal(1, 200),
      SPEED,
    )
    .option('--seed <number>', 'which fleet', wholeNumber(0, 4_294_967_295), 1)
    .option('--hours <number>', 'how long ago the story begins', decimal(0.1, 72), 4)
    .option('--data-dir <folder>', 'empty folder for its data (default: one of its own, removed at the end)')
    .option('--keep', 'keep the folder of its own')
    .option('--for <duration>', 'end by itself after e.g. 90s or 5m', duration)
    .option('--json', 'print {nodes, frames, findings, alerts} at the end, and nothing else on stdout')
    .action((options: Options) => runDemo(options));
}

async function runDemo(options: Options): Promise<void> {
  const finished = Promise.withResolvers<void>();
  await runUntilSignal(async (stack) => {
    const demo = await startDemo(stack, options);
    say(announcement(demo, options));
    const bar = progress('simulated fleet, first findings', (FIRST_FINDINGS_MINUTES * MINUTE_MS) / STEP_MS);
    stack.defer(async () => bar.end());
    demo.play(() => bar.step()).catch(finished.reject);
    void watch(demo, options, bar.end).then(finished.resolve, finished.reject);
  }, finished.promise);
}

/** Tells of the first findings, and of what there is at the end where one is set. */
async function watch(demo: Demo, options: Options, arrived: () => void): Promise<void> {
  const endMs = options.for === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.for * 1000;
  const first = await until(endMs, async () => (await demo.ledger.alerts.alerts()).length > 0);
  arrived();
  if (first) say(['simulated fleet: the first alerts are on the page']);
  await until(endMs, async () => false);
  const outcome = await outcomeOf(demo);
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else say([inWords(outcome)]);
}

/** Looks twice a second. @returns false when the time is over before it holds */
async function until(endMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  while (Date.now() < endMs) {
    if (await holds()) return true;
    await sleep(Math.min(POLL_MS, Math.max(1, endMs - Date.now())), undefined, { ref: false });
  }
  return false;
}

async function outcomeOf({ fleet, frames, ledger }: Demo): Promise<Outcome> {
  const [findings, alerts] = await Promise.all([ledger.alerts.findings(), ledger.alerts.alerts()]);
  return {
    nodes: fleet.nodes.length,
    frames: frames(),
    findings: findings.length,
    alerts: alerts.length,
  };
}

function inWords({ nodes, frames, findings, alerts }: Outcome): string {
  return `simulated fleet: ${nodes} nodes, ${frames} frames, ${findings} findings, ${alerts} alerts`;
}

function announcement(
  { console, password, moved, dataDir, fleet }: Demo,
  { speed, dataDir: given, keep }: Options,
): string[] {
  const kept = given !== undefined || keep === true;
  return [
    `davylamp demo is up: ${console}${moved ? ' (its usual port is taken)' : ''}`,
    // The tools would mean the real data directory: a lost password of a demo is a new demo.
    ...(password === null ? [] : [administratorNotice(password, null)]),
    `simulated fleet: ${fleet.nodes.length} nodes, simulated since ${new Date(fleet.beganMs).toISOString()}, ${speed} times as fast as the clock until it has caught up`,
    `data: ${dataDir}${kept ? '' : ', removed at the end'}; Ctrl-C ends it`,
  ];
}

/** For people: stdout is for `--json`. */
function say(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}
