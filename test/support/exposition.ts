/** One family of Prometheus' text format. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? (\\S+)$`);
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/;

/**
 * Reads the text format (version 0.0.4) strictly: every family once, HELP, TYPE and its samples together and in this
 * order, no series twice, counters named `_total`.
 * @throws Error naming the first line that is not so.
 */
export function parseExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('expected the last line to end');
  const reader = new Reader();
  for (const line of text.slice(0, -1).split('\n')) {
    const expected = reader.take(line);
    if (expected !== null) throw new Error(`${JSON.stringify(line)}: expected ${expected}`);
  }
  return [...reader.families].map(([name, family]) => ({ name, ...family }));
}

/** Each method takes a line in, or says what was expected. */
class Reader {
  readonly families = new Map<string, { help: string; type: string; samples: Map<string, number> }>();
  #current = '';

  take(line: string): string | null {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') return this.#help(name, rest);
    return keyword === 'TYPE' ? this.#type(name, rest) : this.#sample(line);
  }

  #help(name: string, help: string): string | null {
    if (this.families.has(name)) return 'each family once';
    this.families.set(name, { help, type: '', samples: new Map() });
    this.#current = name;
    return null;
  }

  #type(name: string, type: string): string | null {
    const family = this.families.get(name);
    if (name !== this.#current || family?.type !== '') return 'TYPE after the HELP of its family';
    if (type !== 'counter' && type !== 'gauge') return 'counter or gauge';
    if (type === 'counter' && !name.endsWith('_total')) return 'a counter named _total';
    family.type = type;
    return null;
  }

  #sample(line: string): string | null {
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    const family = this.families.get(name);
    if (name !== this.#current || !family?.type) return 'a sample of the family above';
    if (!NUMBER.test(value)) return 'a number';
    if (family.samples.has(labels)) return 'each series once';
    family.samples.set(labels, Number(value));
    return null;
  }
}
