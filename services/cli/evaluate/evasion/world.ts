import { buildRegister, type Register } from '#libs/detect/register.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { GAUGE_STRIDE } from '#libs/model/wire.ts';
import type { Cover } from '#libs/traces/evasion/covers.ts';
import type { Span } from '#libs/traces/evasion/techniques.ts';
import type { Level } from '#libs/traces/simulate/hardware.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { Lane, SITE, type Spoken } from './lane.ts';
import { hardwareOf, LANES, runWeek } from './week.ts';

/** What the tenant has declared: behaviours alone, or also the band of power that its honest nodes were seen in. */
export const DECLARED = ['behaviours', 'power band'] as const;
export type Declared = (typeof DECLARED)[number];

/** One way in which a run is judged. */
export interface Judge {
  readonly level: Level;
  readonly declared: Declared;
}

export function isOf(judge: Judge): (one: { readonly judge: Judge }) => boolean {
  return ({ judge: { level, declared } }) => level === judge.level && declared === judge.declared;
}

/** @param levels those asked for */
export function judgesOf(levels: readonly Level[] = LANES): readonly Judge[] {
  return DECLARED.flatMap((declared) => levels.map((level) => ({ level, declared })));
}

const PEERS = 5;
const SUSPECT = 'suspect';
const TENANT = 'simulated';
/** Far from the seeds of runs. */
const PEER_SEED = 500_000;

/** One honest cover over a span: declarations, and peers that have been put through stage 1 once. */
export class World {
  readonly cover: Cover;
  readonly #samples: readonly Span[];
  readonly #seed: number;
  readonly #names: readonly string[];
  readonly #peers = new Map<string, readonly Spoken[]>();
  #band: Bound | null = null;

  constructor(cover: Cover, samples: readonly Span[], seed: number, peers = PEERS) {
    this.cover = cover;
    this.#names = Array.from({ length: peers }, (_, index) => `peer-${index + 1}`);
    this.#samples = samples;
    this.#seed = seed;
  }

  /** Runs a workload on a node that declares the cover; both stages, for each judge. */
  run(workload: Workload, seed: number, judges: readonly Judge[], toTheEnd = false): readonly Lane[] {
    const lanes = judges.map((judge) => ({
      level: judge.level,
      lane: new Lane(SUSPECT, this.#register(judge.declared), this.#peersOf(judge)),
    }));
    runWeek({ workload, gpus: this.cover.gpus, seed, samples: this.#samples, lanes, toTheEnd });
    return lanes.map(({ lane }) => lane);
  }

  #peersOf(judge: Judge): readonly Spoken[] {
    const key = `${judge.level} ${judge.declared}`;
    const known = this.#peers.get(key);
    if (known !== undefined) return known;
    const made = this.#honest(judge.level, this.#register(judge.declared));
    this.#peers.set(key, made);
    return made;
  }

  #honest(level: Level, register: Register): Spoken[] {
    return this.#names.map((node, index) => {
      const lane = new Lane(node, register, []);
      runWeek({
        workload: this.cover.workload,
        gpus: this.cover.gpus,
        seed: this.#seed + PEER_SEED + index,
        samples: this.#samples,
        lanes: [{ level, lane }],
        toTheEnd: true,
      });
      return lane.spoken;
    });
  }

  #register(declared: Declared): Register {
    const nodes = [SUSPECT, ...this.#names];
    const hardware = hardwareOf(this.cover.gpus).name;
    const envelope = declared === 'behaviours' ? [] : [this.#powerBand()];
    return buildRegister(
      nodes.map((node) => ({ node, tenant: TENANT, hardware, publicKey: null, enrolled: false })),
      [declarationOf(nodes, this.cover.behaviours, envelope)],
    );
  }

  /** Lowest and highest minute of the peers' GPUs: what a tenant that knows its work would declare. */
  #powerBand(): Bound {
    this.#band ??= bandOf(this.#peersOf({ level: 'L1', declared: 'behaviours' }));
    return this.#band;
  }
}

function declarationOf(
  nodes: readonly string[],
  behaviours: readonly Behaviour[],
  envelope: readonly Bound[],
): Declaration {
  return {
    id: SITE,
    version: 1,
    tenant: TENANT,
    nodes,
    behaviours,
    envelope,
    validFromMs: 0,
    validToMs: null,
    approver: 'simulated',
    recordedMs: 0,
  };
}

const POWER = gaugeOrdinal('gpu', 'gpu_power_watts');

function bandOf(peers: readonly Spoken[]): Bound {
  const decoder = new FrameDecoder();
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const spoken of peers) {
    for (const { summaries } of spoken.values()) {
      for (const bytes of summaries) {
        const { rows, gauges } = decoder.decode(bytes);
        const watts = Array.from({ length: rows }, (_, row) => gauges[row * GAUGE_STRIDE + POWER] ?? 0).slice(
          1,
        );
        min = Math.min(min, watts.reduce((sum, one) => sum + one, 0) / watts.length);
        max = Math.max(max, ...watts);
      }
    }
  }
  return { metric: 'gpu_power_watts', min: Math.floor(min), max: Math.ceil(max) };
}
