import type { FlowBytes } from './connections.ts';
import type { FlowLabels } from './labels.ts';

/** Which connections are kept: all, those whose remote port has a label, or none. */
export const FLOW_CHOICES = ['all', 'labelled', 'none'] as const;
export type FlowChoice = (typeof FLOW_CHOICES)[number];

const HEAD = 'time_s,flow,direction,remote_port,payload_bytes,behaviour';

/** The connections of a trace while it is being recorded: a row per second, connection and direction with bytes. */
export class FlowTape {
  readonly #labels: FlowLabels;
  readonly #keep: (flow: FlowBytes) => boolean;
  readonly #lines: string[] = [];
  readonly #counts: Record<string, number> = {};

  constructor(choice: FlowChoice, labels: FlowLabels) {
    this.#labels = labels;
    this.#keep = ({ remotePort }) => choice === 'all' || (choice === 'labelled' && labels.has(remotePort));
  }

  get rows(): number {
    return this.#lines.length;
  }

  /** Rows of each label; '' is no label. */
  get labels(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  add(timeSeconds: number, flows: readonly FlowBytes[]): void {
    for (const flow of flows.filter(this.#keep)) {
      for (const direction of ['up', 'down'] as const) {
        if (flow[direction] > 0) this.#line(timeSeconds, flow, direction);
      }
    }
  }

  csv(): string {
    return `${[HEAD, ...this.#lines].join('\n')}\n`;
  }

  #line(timeSeconds: number, flow: FlowBytes, direction: 'up' | 'down'): void {
    const label = this.#labels.get(flow.remotePort) ?? '';
    this.#counts[label] = (this.#counts[label] ?? 0) + 1;
    this.#lines.push(
      [timeSeconds.toFixed(3), flow.flow, direction, flow.remotePort, flow[direction], label].join(','),
    );
  }
}
