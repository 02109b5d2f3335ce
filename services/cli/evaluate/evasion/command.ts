import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { ConfigError } from '#libs/runtime/errors.ts';
import { MINERS } from '#libs/traces/evasion/miners.ts';
import type { Sight } from '#libs/traces/evasion/strip.ts';
import { progress, table } from '../../output.ts';
import { reportOf } from './report.ts';
import { caveat, sectionsOf } from './sections.ts';
import { QUICK, WHOLE } from './setting.ts';
import { evasionSuite, type Suite } from './suite.ts';

export interface EvasionOptions {
  readonly days: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly level?: Sight;
  readonly family?: string;
  /** Default: one a processor. */
  readonly threads?: number;
  readonly json?: string;
  readonly report?: string;
}

/** `davylamp evaluate --evasion`: tables on the screen; JSON and a page where files are named. @throws ConfigError */
export async function evaluateEvasion(options: EvasionOptions): Promise<void> {
  const {
    days,
    seed,
    quick = false,
    level,
    family,
    threads = availableParallelism(),
    json,
    report,
  } = options;
  assertFamily(family);
  const bar = progress('hiding', 100);
  let shown = 0;
  const suite = await runSuite();
  bar.end();
  if (json) await writeFile(json, `${JSON.stringify(suite, null, 2)}\n`);
  if (report) await writeFile(report, reportOf(suite));
  process.stdout.write(`${render(suite)}\n`);

  function runSuite(): Promise<Suite> {
    return evasionSuite({
      days,
      seed,
      extent: quick ? QUICK : WHOLE,
      threads,
      ...(level ? { level } : {}),
      ...(family ? { family } : {}),
      progress: (done, of) => {
        // More to do is known only when the search has ended.
        const now = Math.max(shown, Math.floor((100 * done) / of));
        bar.step(now - shown);
        shown = now;
      },
    });
  }
}

function assertFamily(family: string | undefined): void {
  const names = MINERS.map(({ name }) => name);
  if (family === undefined || names.includes(family)) return;
  throw new ConfigError(`evaluate --evasion: --family ${family}: expected ${names.join(', ')}`);
}

/** As a person reads it on a terminal. */
export function render(suite: Suite): string {
  return [
    `${caveat(suite)}`,
    ...sectionsOf(suite).map(({ title, note, head, rows }) =>
      [title, note, ...(rows.length > 0 ? [table(head, rows)] : [])].join('\n'),
    ),
  ].join('\n\n');
}
