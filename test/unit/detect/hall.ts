import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { EntityRow, WorkGroup } from '#libs/model/frame.ts';
import type { Reading } from '#libs/model/reading.ts';
import { frame, row, START_MS, StageWorld, sha256 } from './world.ts';

const STEP_MS = 10_000;
export const STEPS_A_MINUTE = 6;
export const minute = (n: number) => START_MS + n * 60_000;

/** What a node says in a step of ten seconds. */
export interface Said {
  readonly entities: readonly EntityRow[];
  readonly job?: string;
}

/** Both stages over the nodes and meters of a site, tick by tick. */
export class Hall {
  readonly findings: Finding[] = [];
  readonly first: StageWorld;
  second: SiteStage;
  readonly #register: Register;
  readonly #decoder = new FrameDecoder();
  /** Whether stage 2 is restored from its checkpoint before every tick. */
  restarts = false;

  constructor(nodes: Register) {
    this.#register = nodes;
    this.first = new StageWorld(nodes);
    this.second = this.#make();
  }

  /** @param says of a node in a step; null: no frame. @param meters readings of a minute */
  run(
    fromMinute: number,
    toMinute: number,
    nodes: readonly string[],
    says: (node: string, minute: number, step: number) => Said | null,
    meters: (minute: number) => readonly Reading[] = () => [],
  ): void {
    for (let step = fromMinute * STEPS_A_MINUTE + 1; step <= toMinute * STEPS_A_MINUTE; step++) {
      const inMinute = Math.ceil(step / STEPS_A_MINUTE);
      for (const node of nodes) {
        const said = says(node, inMinute, step);
        if (said === null) continue;
        const groups = said.job === undefined ? [] : [groupOf(said.job)];
        this.first.frame(frame({ node, sequence: step, entities: said.entities, groups }));
      }
      if (step % STEPS_A_MINUTE === 0) for (const one of meters(inMinute)) this.second.reading(one);
      this.tick(step);
    }
  }

  tick(step: number): void {
    const timeMs = START_MS + step * STEP_MS;
    if (this.restarts) this.#restart();
    this.first.ticks(timeMs, timeMs);
    for (const one of this.first.summaries.splice(0))
      this.second.summary(this.#decoder.decode(encodeFrame(one)));
    for (const one of this.first.assessments.splice(0)) this.second.assessment(one);
    const tick = { index: timeMs / STEP_MS, timeMs };
    this.second.tick(tick, 0);
    this.second.readingsTick(tick);
  }

  /** `minute node kind status severity` of each state of a finding. */
  get story(): string[] {
    return this.findings.map(
      (one) =>
        `${((one.closedMs ?? one.updatedMs) - START_MS) / 60_000} ${one.node} ${one.kind} ${one.status} ${one.severity}`,
    );
  }

  #make(): SiteStage {
    return new SiteStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => this.#register,
      publish: (finding) => this.findings.push(finding),
    });
  }

  #restart(): void {
    const state = JSON.parse(JSON.stringify(this.second.dump()));
    this.second = this.#make();
    this.second.restore(state);
  }
}

export function groupOf(label: string): WorkGroup {
  return {
    label,
    cpuUtilizationRatio: 0.1,
    memoryBytes: 1e9,
    gpuUtilizationRatio: 0.9,
    gpuMemoryBytes: 1e9,
  };
}

/** A host with a sensor of its whole power. */
export function hostOf(watts: number, more: Readonly<Record<string, number>> = {}): EntityRow {
  return row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: watts, ...more });
}

/** A reading over the minute that ends then. */
export function readingOf(
  node: string,
  atMinute: number,
  powerWatts: number,
  more: Partial<Reading> = {},
): Reading {
  return {
    source: 'pdu',
    site: 's1',
    meter: `outlet of ${node}`,
    node,
    endMs: minute(atMinute),
    intervalMs: 60_000,
    powerWatts,
    energyJoules: null,
    ...more,
  };
}
