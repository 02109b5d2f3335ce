import { parseArgs } from 'node:util';

const verbs = ['up', 'down', 'status', 'env'] as const;

export interface Command {
  verb: (typeof verbs)[number];
  /** Servers it is about, in the order of the registry. */
  names: readonly string[];
  /** Whether those servers were asked for by name. */
  isExplicit: boolean;
  asJson: boolean;
}

export const usage = `usage: npm run servers -- up [name…] | down [name…] | status [--json] | env
       without a name: all of them`;

/** Reads a command line; throws an `Error` that says what is wrong with it. */
export function parseCommand(args: readonly string[], known: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [word, ...names] = positionals;
  const verb = verbs.find((candidate) => candidate === word);
  if (verb === undefined) throw new Error(`expected one of ${verbs.join(', ')}, got ${word ?? 'nothing'}`);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no server ${unknown.join(', ')}: known are ${known.join(', ')}`);
  const isExplicit = names.length > 0;
  const chosen = isExplicit ? known.filter((name) => names.includes(name)) : known;
  return { verb, names: chosen, isExplicit, asJson: values.json };
}
