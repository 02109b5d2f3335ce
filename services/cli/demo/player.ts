import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Outgoing } from '#libs/bus/port.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import type { Reading } from '#libs/model/reading.ts';
import { tickAt } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Fleet, FleetNode } from './fleet.ts';

/** A step is sent in so many slices, so that the page is served in between. */
const SLICES = 8;
const READING_MS = 60_000;
/** W of a machine that is switched off and plugged in. Starting value. */
const STANDBY_WATTS = 12;
/** Steps that the detector may be behind. */
const BACKLOG_STEPS = 12;

export interface PlayerOptions {
  readonly bus: Bus;
  readonly fleet: Fleet;
  /** Event time over the machine's clock, until event time has caught up. */
  readonly speed: number;
  /** Frames that the detector has read. */
  readonly read: () => number;
  readonly signal: AbortSignal;
  /** Told of each step of event time that has been sent. */
  readonly stepped?: (endMs: number) => void;
}

/**
 * Plays the fleet onto the bus: every step is one interval of every node, then the tick of the same time, so that a
 * slow machine slows event time and makes nobody silent. Event time begins in the past, runs `speed` times as fast
 * as the clock, and goes on at the clock's pace when it has caught up: it is never ahead.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #joules = new Map<string, number>();
  #sent = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Resolves when the signal comes. @throws what the bus throws */
  async play(): Promise<void> {
    const { fleet, signal, stepped, speed } = this.#options;
    const stepMs = DEFAULT_INTERVAL_MS / speed;
    let endMs = fleet.beganMs;
    while (!signal.aborted) {
      endMs += DEFAULT_INTERVAL_MS;
      const dueMs = Date.now() + stepMs;
      await this.#wait(endMs - Date.now());
      await this.#step(endMs, stepMs);
      stepped?.(endMs);
      await this.#letRead();
      await this.#wait(dueMs - Date.now());
    }
  }

  async #step(endMs: number, stepMs: number): Promise<void> {
    const { bus, fleet, signal } = this.#options;
    const { nodes } = fleet;
    const beganMs = Date.now();
    for (let slice = 0; slice < SLICES && !signal.aborted; slice++) {
      const part = nodes.slice((slice * nodes.length) / SLICES, ((slice + 1) * nodes.length) / SLICES);
      await bus.publish(part.flatMap((node) => this.#speak(node, endMs)));
      await this.#wait(beganMs + ((slice + 0.5) * stepMs) / SLICES - Date.now());
    }
    await bus.publish(await this.#ticks(endMs));
  }

  #speak({ name, tenancy, voices }: FleetNode, endMs: number): Outgoing[] {
    const messages: Outgoing[] = [];
    for (const { agent, isHeard, isOn } of voices) {
      const on = isOn(endMs);
      if (isHeard(endMs)) {
        messages.push(agent.frame(endMs));
        this.#sent++;
      } else if (on) agent.machine.interval(endMs, DEFAULT_INTERVAL_MS);
    }
    const [own] = voices;
    if (!tenancy.metered || own === undefined) return messages;
    const watts = own.isOn(endMs) ? own.agent.machine.nodeWatts : STANDBY_WATTS;
    const joules = (this.#joules.get(name) ?? 0) + (watts * DEFAULT_INTERVAL_MS) / 1000;
    this.#joules.set(name, joules);
    if (endMs % READING_MS === 0) messages.push(readingOf(name, tenancy.site, endMs, watts, joules));
    return messages;
  }

  async #ticks(endMs: number): Promise<readonly Outgoing[]> {
    const { bus } = this.#options;
    const value = Buffer.from(JSON.stringify(tickAt(endMs)));
    const topics = [TOPICS.frames.name, TOPICS.readings.name];
    const partitions = await Promise.all(topics.map((topic) => bus.offsets(topic)));
    return topics.flatMap((topic, place) =>
      (partitions[place] ?? []).map(({ partition }) => ({
        topic,
        key: 'tick',
        value,
        partition,
        headers: { type: 'tick' },
      })),
    );
  }

  /** Waits while the detector is far behind: the bus itself would take any amount. */
  async #letRead(): Promise<void> {
    const { fleet, signal, read } = this.#options;
    while (!signal.aborted && this.#sent - read() > BACKLOG_STEPS * fleet.nodes.length) await this.#wait(100);
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#options;
    if (ms <= 0 || signal.aborted) return;
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

function readingOf(
  node: string,
  site: string,
  endMs: number,
  powerWatts: number,
  energyJoules: number,
): Outgoing {
  const reading: Reading = {
    source: 'pdu',
    site,
    meter: `pdu-${node}`,
    node,
    endMs,
    intervalMs: READING_MS,
    powerWatts,
    energyJoules,
  };
  return {
    topic: TOPICS.readings.name,
    key: site,
    value: Buffer.from(JSON.stringify(reading)),
    headers: { type: 'reading' },
  };
}
