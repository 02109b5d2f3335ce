import { type FrameFate, NodeStage } from '#libs/detect/node-stage.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { buildRegister, type Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys, type NodeKeys } from '#libs/evidence/keys.ts';
import type { Grade } from '#libs/model/behaviour.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { Finding, FindingKind } from '#libs/model/finding.ts';
import { DEFAULT_INTERVAL_MS, type Frame, SUMMARY_MS } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { ChainCheck } from '#services/detector/chain-check.ts';
import { sha256 } from '#services/detector/hash.ts';
import { SITE } from './speaker.ts';
import { hardwareOf } from './week.ts';

/** What is sent again, and with what of it made anew (C6 of DOMAIN 9). */
const WAYS = [
  { name: 'the same bytes', of: trainingDataParallel, times: 'old', numbers: 'old', key: 'own' },
  { name: 'new numbers and chain', of: trainingDataParallel, times: 'old', numbers: 'new', key: 'own' },
  { name: 'all new, another key', of: trainingDataParallel, times: 'new', numbers: 'new', key: 'another' },
  { name: 'all new, no seal', of: trainingDataParallel, times: 'new', numbers: 'new', key: 'none' },
  { name: 'all new, own key', of: trainingDataParallel, times: 'new', numbers: 'new', key: 'own' },
  { name: 'all new, own key', of: idle, times: 'new', numbers: 'new', key: 'own' },
] as const;
type Way = (typeof WAYS)[number];

/** What each check says of one way to send honest telemetry again while the machine mines. */
export interface Replayed {
  readonly way: string;
  /** What became of the frames that were sent again. */
  readonly fates: Readonly<Partial<Record<FrameFate, number>>>;
  /** Grades of the windows assessed meanwhile. */
  readonly grades: readonly Grade[];
  /** Device time behind receive time, minutes. */
  readonly behindMinutes: number;
  /** Findings that opened on the node. */
  readonly findings: readonly FindingKind[];
  /** In-band power of the newest window, and the meter's. */
  readonly inBandWatts: number | null;
  readonly meterWatts: number;
  /** From the first frame sent again to the finding that the two contradict each other; null: there was none. */
  readonly minutesToMismatch: number | null;
}

const NODE = 'suspect';
const START_MS = Date.UTC(2026, 10, 23);
/** Honest frames first, then as many of them again. */
const FRAMES = 180;
const LAG_MS = FRAMES * DEFAULT_INTERVAL_MS;

/** Every way in turn, through chain check and both stages, with a meter beside. */
export function replays(seed: number): Replayed[] {
  return WAYS.map((way) => new Replay(way, seed).result());
}

interface Sent {
  readonly content: Pick<Frame, 'endMs' | 'samples' | 'entities'>;
  readonly bytes: Uint8Array;
}

class Replay {
  readonly #way: Way;
  readonly #keys = generateKeys();
  readonly #others = generateKeys();
  readonly #chain = new Chain('a'.repeat(32), this.#keys);
  readonly #check: ChainCheck;
  readonly #first: NodeStage;
  readonly #second: SiteStage;
  readonly #decoder = new FrameDecoder();
  readonly #machine: Machine;
  readonly #grades = new Set<Grade>();
  readonly #findings = new Set<FindingKind>();
  readonly #fates: Partial<Record<FrameFate, number>> = {};
  #replaying = false;
  #mismatchMs: number | null = null;

  constructor(way: Way, seed: number) {
    this.#way = way;
    const register = registerOf(this.#keys);
    this.#check = new ChainCheck(() => register);
    this.#second = new SiteStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => register,
      publish: (finding) => this.#found(finding),
    });
    this.#first = new NodeStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => register,
      summary: (_site, _node, _endMs, bytes) => this.#second.summary(new FrameDecoder().decode(bytes)),
      assessment: (one) => {
        if (this.#replaying && one.heartbeat === 'present') this.#grades.add(one.grade);
        this.#second.assessment(one);
      },
    });
    const shifts = [
      { fromMs: Number.NEGATIVE_INFINITY, workload: way.of },
      { fromMs: START_MS + LAG_MS, workload: hashPowMemoryHard },
    ];
    this.#machine = new Machine({ name: NODE, hardware: hardwareOf(2), shifts, flows: false, seed });
  }

  result(): Replayed {
    const sent = Array.from({ length: FRAMES }, (_, index) => this.#honest(index));
    this.#replaying = true;
    for (const [index, one] of sent.entries()) this.#again(one, FRAMES + index);
    const own = this.#second.dump().nodes.find(({ node }) => node === NODE);
    const inBandWatts = own?.powerWatts ?? null;
    return {
      way: `${this.#way.of.name}: ${this.#way.name}`,
      fates: this.#fates,
      grades: [...this.#grades].sort(),
      behindMinutes: this.#way.times === 'old' ? LAG_MS / SUMMARY_MS : 0,
      findings: [...this.#findings],
      inBandWatts,
      meterWatts: this.#machine.nodeWatts,
      minutesToMismatch:
        this.#mismatchMs === null ? null : (this.#mismatchMs - START_MS - LAG_MS) / SUMMARY_MS,
    };
  }

  #found({ kind, status, updatedMs }: Finding): void {
    if (status !== 'open') return;
    this.#findings.add(kind);
    if (kind === 'energy mismatch') this.#mismatchMs ??= updatedMs;
  }

  #honest(index: number): Sent {
    const endMs = START_MS + (index + 1) * DEFAULT_INTERVAL_MS;
    const { samples, entities } = this.#machine.interval(endMs, DEFAULT_INTERVAL_MS);
    const content = { endMs, samples, entities };
    const bytes = this.#stamp(content);
    this.#first.frame(this.#decoder.decode(bytes), endMs, this.#check.of(bytes, this.#sealOf(bytes, 'own')));
    this.#tick(endMs);
    return { content, bytes };
  }

  #again({ content, bytes: before }: Sent, index: number): void {
    const { times, numbers, key } = this.#way;
    const nowMs = START_MS + (index + 1) * DEFAULT_INTERVAL_MS;
    this.#machine.interval(nowMs, DEFAULT_INTERVAL_MS);
    const endMs = times === 'new' ? nowMs : content.endMs;
    const bytes = numbers === 'new' ? this.#stamp({ ...content, endMs }) : before;
    const seal = numbers === 'new' ? this.#sealOf(bytes, key) : null;
    const fate = this.#first.frame(this.#decoder.decode(bytes), nowMs, this.#check.of(bytes, seal));
    this.#fates[fate] = (this.#fates[fate] ?? 0) + 1;
    this.#tick(nowMs);
  }

  #stamp(content: Pick<Frame, 'endMs' | 'samples' | 'entities'>): Uint8Array {
    const { boot, nextSequence: sequence, previous } = this.#chain;
    const rest = { intervalMs: DEFAULT_INTERVAL_MS, flows: [], groups: [], covers: [] };
    return encodeFrame({ ...rest, ...content, node: NODE, site: SITE, boot, sequence, previous }).slice();
  }

  #sealOf(bytes: Uint8Array, key: Way['key']) {
    const seal = this.#chain.append(bytes);
    if (seal === null || key === 'none') return null;
    if (key === 'own') return seal;
    return new Chain('b'.repeat(32), this.#others).append(bytes, true);
  }

  /** The stream's clock, and the meter's reading each minute. */
  #tick(timeMs: number): void {
    const tick = { index: timeMs / TICK_MS, timeMs };
    this.#first.tick(tick);
    if (timeMs % SUMMARY_MS === 0) {
      const reading = { source: 'pdu', site: SITE, meter: 'outlet', node: NODE, endMs: timeMs } as const;
      const powerWatts = this.#machine.nodeWatts;
      this.#second.reading({ ...reading, intervalMs: SUMMARY_MS, powerWatts, energyJoules: null });
    }
    this.#second.readingsTick(tick);
    this.#second.tick(tick, 0);
  }
}

function registerOf({ publicKey }: NodeKeys): Register {
  const node = { node: NODE, tenant: 'simulated', hardware: '2x H100', publicKey, enrolled: true };
  const declaration = {
    id: SITE,
    version: 1,
    tenant: 'simulated',
    nodes: [NODE],
    behaviours: ['B0', 'B1'] as const,
    envelope: [],
    validFromMs: 0,
    validToMs: null,
    approver: 'simulated',
    recordedMs: 0,
  };
  return buildRegister([node], [declaration]);
}
