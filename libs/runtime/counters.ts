import { METRIC_HELP } from './metric-help.ts';

/** Counts and levels a service tells about itself, in Prometheus' text format. */
export interface Counters {
  /** Adds to a counter `davylamp_<name>_total`. */
  add(name: string, labels: Labels, amount?: number): void;
  /** Sets a gauge `davylamp_<name>`. */
  set(name: string, labels: Labels, value: number): void;
  /** Present value, 0 when never touched. Counters are named with their `_total`. */
  value(name: string, labels?: Labels): number;
  render(): string;
}

export type Labels = Readonly<Record<string, string>>;

export function createCounters(): Counters {
  const families = new Map<string, { type: 'counter' | 'gauge'; samples: Map<string, number> }>();
  const samples = (name: string, type: 'counter' | 'gauge') => {
    const family = families.get(name) ?? { type, samples: new Map<string, number>() };
    families.set(name, family);
    return family.samples;
  };
  return {
    add(name, labels, amount = 1) {
      const family = samples(`${name}_total`, 'counter');
      const key = labelText(labels);
      family.set(key, (family.get(key) ?? 0) + amount);
    },
    set(name, labels, value) {
      samples(name, 'gauge').set(labelText(labels), value);
    },
    value: (name, labels = {}) => families.get(name)?.samples.get(labelText(labels)) ?? 0,
    render: () => [...families].map(([name, family]) => renderFamily(name, family)).join(''),
  };
}

function renderFamily(name: string, family: { type: string; samples: Map<string, number> }): string {
  const lines = [...family.samples].map(([labels, value]) => `davylamp_${name}${labels} ${value}\n`);
  const help = METRIC_HELP[name.replace(/_total$/, '')];
  const about = help === undefined ? '' : `# HELP davylamp_${name} ${help}\n`;
  return `${about}# TYPE davylamp_${name} ${family.type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
}
