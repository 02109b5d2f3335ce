import type { Bus } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { type TierSettings, tierPolicy } from './config.ts';
import { NodeWork } from './node-work.ts';
import { type ParameterSettings, parametersOf } from './parameters.ts';
import { RegisterCopy } from './register-copy.ts';
import { SiteWork } from './site-work.ts';
import { StageMember, type StageOptions } from './stage-member.ts';
import { eventClock, Ticker } from './ticker.ts';

export interface DetectorSettings extends TierSettings, ParameterSettings {
  /** 1: by node, frames to assessments. 2: by site, assessments to findings. */
  readonly stages: readonly ('1' | '2')[];
  /** Least time between two checkpoints of a partition. */
  readonly checkpointMs: number;
  /** Whether this process writes ticks; several may. */
  readonly ticker: 'on' | 'off';
  /** Real ms between ticks; less than `TICK_MS` accelerates event time. */
  readonly tickMs: number;
  /** How often the ledger's register is read. */
  readonly registerMs: number;
}

export interface DetectorPorts {
  readonly bus: Bus;
  readonly ledger: Pick<Ledger, 'nodes' | 'declarations'>;
  /** The ticker's clock, Unix ms; default: the machine's, so much faster as `tickMs` is shorter than `TICK_MS`. */
  readonly clock?: () => number;
}

/** Both stages of the detector, and the ticker. The topics must exist. */
export function createDetector(
  { bus, ledger, clock }: DetectorPorts,
  settings: DetectorSettings,
  surroundings: Surroundings,
): App {
  const register = new RegisterCopy(ledger, settings.registerMs, surroundings);
  const { tickMs } = settings;
  const ticker = new Ticker({ bus, clock: clock ?? eventClock(tickMs), tickMs, surroundings });
  const members: StageMember[] = [];
  return {
    async start() {
      await register.start();
      for (const stage of settings.stages) {
        const member = new StageMember(await stageOptions(stage, bus, register, settings, surroundings));
        members.push(member);
        await member.start();
      }
      if (settings.ticker === 'on') ticker.start();
    },
    async stop() {
      await ticker.stop();
      for (const member of members) await member.stop();
      await register.stop();
    },
  };
}

async function stageOptions(
  stage: '1' | '2',
  bus: Bus,
  register: RegisterCopy,
  settings: DetectorSettings,
  surroundings: Surroundings,
): Promise<StageOptions> {
  const common = { parameters: parametersOf(settings), register: () => register.current };
  const checkpointPartitions = (await bus.offsets(TOPICS.checkpoints.name)).length;
  const observationPartitions = (await bus.offsets(TOPICS.observations.name)).length;
  return {
    bus,
    stage,
    topics: stage === '1' ? [TOPICS.frames.name] : [TOPICS.observations.name, TOPICS.readings.name],
    makeWork: (partition, emit) =>
      stage === '1'
        ? new NodeWork({
            ...common,
            tiers: tierPolicy(settings),
            sighted: (node, site, receivedMs) => register.sighted(node, site, receivedMs),
            partition,
            observationPartitions,
            emit,
          })
        : new SiteWork({ ...common, emit }),
    checkpointMs: settings.checkpointMs,
    checkpointPartitions,
    surroundings,
  };
}
