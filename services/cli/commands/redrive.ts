import process from 'node:process';
import { Command } from 'commander';
import type { Batch, Bus, Delivered, Outgoing } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { progress, show, table } from '../output.ts';
import { withPorts } from '../ports.ts';

/** A marker on the dead-letter topic: the letter at this offset has been published again. */
const MARKER = 'redriven';
const text = new TextDecoder();

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly all?: boolean;
}

interface DeadLetter {
  readonly offset: number;
  readonly origin: string;
  readonly reason: string;
  readonly service: string;
  readonly key: string;
  readonly bytes: number;
  readonly message: Outgoing;
}

export function redriveCommand(): Command {
  return new Command('redrive')
    .description(
      'publish dead letters again to the topic they came from; what is still unreadable comes back here',
    )
    .option('--dry-run', 'only list them')
    .option('--reason <text>', 'only those whose reason contains the text')
    .option('--all', 'also those re-driven before')
    .option('--json', 'print a JSON array of what was (or would be) re-driven')
    .action(async (options: Options) => {
      const letters = await withPorts(async (ports) => redrive(await ports.bus(), options));
      show(
        options.json,
        letters.map(({ message: _, ...letter }) => letter),
        (rows) =>
          [
            table(
              ['offset', 'origin', 'key', 'bytes', 'service', 'reason'],
              rows.map((r) => [String(r.offset), r.origin, r.key, r.bytes, r.service, r.reason]),
            ),
            options.dryRun ? `${rows.length} to re-drive` : `${rows.length} re-driven`,
          ].join('\n'),
      );
      process.exitCode = 0;
    });
}

async function redrive(bus: Bus, options: Options): Promise<readonly DeadLetter[]> {
  const letters = await readDeadLetters(bus, options);
  if (options.dryRun || letters.length === 0) return letters;
  const bar = progress('re-driving', letters.length);
  for (const letter of letters) {
    // The marker follows the message: cut off in between, the letter is driven twice, which every reader survives.
    await bus.publish([letter.message]);
    await bus.publish([marker(letter)]);
    bar.step();
  }
  bar.end();
  return letters;
}

async function readDeadLetters(bus: Bus, options: Options): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const driven = new Set<number>();
  await bus.replay(TOPICS.dead.name, {}, async (batch: Batch) => {
    for (const record of batch.records) {
      const offset = record.headers[MARKER];
      if (offset === undefined) letters.push(readLetter(record));
      else driven.add(Number(text.decode(offset)));
    }
  });
  return letters.filter(
    (letter) =>
      (options.all || !driven.has(letter.offset)) &&
      (options.reason === undefined || letter.reason.includes(options.reason)),
  );
}

function readLetter(record: Delivered): DeadLetter {
  const {
    origin = '',
    reason = '',
    service = '',
    ...headers
  } = Object.fromEntries(Object.entries(record.headers).map(([key, value]) => [key, text.decode(value)]));
  const topic = origin.split('/')[0] ?? origin;
  return {
    offset: record.offset,
    origin,
    reason,
    service,
    key: record.key,
    bytes: record.value.length,
    message: { topic, key: record.key, value: record.value, headers },
  };
}

function marker(letter: DeadLetter): Outgoing {
  return {
    topic: TOPICS.dead.name,
    key: letter.key,
    value: new Uint8Array(),
    headers: { [MARKER]: String(letter.offset) },
  };
}
