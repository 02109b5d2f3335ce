import { buildRegister, type Register } from '#libs/detect/register.ts';
import type { TierName } from '#libs/detect/tier.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { GAUGE_STRIDE } from '#libs/model/wire.ts';
import type { Cover } from '#libs/traces/evasion/covers.ts';
import type { JobAt } from '#libs/traces/evasion/jobs.ts';
import { SIGHTS, type Sight } from '#libs/traces/evasion/strip.ts';
import type { Span } from '#libs/traces/evasion/techniques.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { type Heard, Lane } from './lane.ts';
import { SITE, Speaker, type Spoken } from './speaker.ts';
import { hardwareOf, runWeek } from './week.ts';

/** What the tenant has declared: behaviours alone, or also the band of power that its honest nodes were seen in. */
export const DECLARED = ['behaviours', 'power band'] as const;
export type Declared = (typeof DECLARED)[number];

/** One way in which a run is judged. */
export interface Judge {
  readonly level: Sight;
  readonly declared: Declared;
  /** Tier of the node that is judged, all the time; its peers are rich. */
  readonly tier: TierName;
}

export function isOf(judge: Judge): (one: { readonly judge: Judge }) => boolean {
  return ({ judge: { level, declared, tier } }) =>
    level === judge.level && declared === judge.declared && tier === judge.tier;
}

/** @param levels those asked for */
export function judgesOf(levels: readonly Sight[] = SIGHTS): readonly Judge[] {
  return DECLARED.flatMap((declared) => levels.map((level) => ({ level, declared, tier: 'rich' as const })));
}

/**
 * A node that is never watched more closely: whoever hides in the cheap tier, and is honest whenever a turn comes.
 * @param levels those asked for; the richest counts
 */
export function cheapJudges(levels: readonly Sight[] = SIGHTS): readonly Judge[] {
  return levels.slice(-1).map((level) => ({ level, declared: 'behaviours', tier: 'cheap' }));
}

const SUSPECT = 'suspect';
const TENANT = 'simulated';
/** Far from the seeds of runs. */
const PEER_SEED = 500_000;

/** What stage 1 said of each peer, by level. */
type Peers = ReadonlyMap<Sight, readonly Spoken[]>;

/** How a node of a world is run. */
export interface NodeRun {
  readonly workload: Workload;
  readonly seed: number;
  readonly judges: readonly Judge[];
  /** Default: the cover's, all the time. */
  readonly job?: JobAt;
  /** Goes on where every judge has its finding. Default: not. */
  readonly toTheEnd?: boolean;
}

/** One honest cover over a span: declarations, and peers that have been put through stage 1 once for each declaration. */
export class World {
  readonly cover: Cover;
  readonly #samples: readonly Span[];
  readonly #seed: number;
  readonly #levels: readonly Sight[];
  readonly #names: readonly string[];
  readonly #peers = new Map<Declared, Peers>();

  /** @param levels of the judges that will be asked */
  constructor(cover: Cover, samples: readonly Span[], seed: number, levels: readonly Sight[]) {
    this.cover = cover;
    this.#names = cover.peers.map((_, index) => `peer-${index + 1}`);
    this.#samples = samples;
    this.#seed = seed;
    this.#levels = levels;
  }

  /** Runs a workload on a node that declares the cover; both stages, for each judge. */
  run({ workload, seed, judges, job, toTheEnd = false }: NodeRun): readonly Heard[] {
    const lanes = judges.map(({ level, declared, tier }) => {
      const peers = this.#peersOf(declared).get(level) ?? [];
      return { level, lane: new Lane(SUSPECT, this.#register(declared), peers, tier) };
    });
    runWeek({
      node: SUSPECT,
      workload,
      gpus: this.cover.gpus,
      seed,
      samples: this.#samples,
      lanes,
      job: job ?? (() => this.cover.job),
      toTheEnd,
    });
    return lanes.map(({ lane }) => lane.heard());
  }

  #peersOf(declared: Declared): Peers {
    const known = this.#peers.get(declared);
    if (known !== undefined) return known;
    const made = this.#honest(this.#register(declared));
    this.#peers.set(declared, made);
    return made;
  }

  #honest(register: Register): Peers {
    const spoken = new Map(this.#levels.map((level) => [level, [] as Spoken[]]));
    this.cover.peers.forEach(({ name, workload }, index) => {
      const node = this.#names[index] ?? name;
      const lanes = this.#levels.map((level) => ({ level, lane: new Speaker(register) }));
      runWeek({
        node,
        workload,
        gpus: this.cover.gpus,
        seed: this.#seed + PEER_SEED + index,
        samples: this.#samples,
        lanes,
        job: () => name,
        toTheEnd: true,
      });
      for (const { level, lane } of lanes) spoken.get(level)?.push(lane.spoken);
    });
    return spoken;
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

  /** Lowest and highest minute of the peers' GPUs: what a tenant that knows its work would declare. Every level shows it. */
  #powerBand(): Bound {
    const [first] = this.#peersOf('behaviours').values();
    return bandOf(first ?? []);
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
