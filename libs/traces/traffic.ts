import type { HostActivity } from './simulate/activity.ts';
import type { Random } from './simulate/random.ts';

/** From, to: a run draws one value in between, evenly. */
export type Range = readonly [low: number, high: number];

/**
 * What the work of one family moves beside the GPUs, by the GPU: sizes and rhythm. Wide on purpose, and most kinds of
 * work may also move nothing: silence proves nothing, and no range is a family's alone.
 */
export interface Traffic {
  /** log10 of bytes per second over the network, both ways together. */
  readonly network: Range;
  /** Share of it that leaves the node. */
  readonly sent: Range;
  /** log10 of the seconds between two messages of the node. */
  readonly every: Range;
  /** Share of the runs that move nothing of their own over interfaces that the agent sees. */
  readonly offline: Range;
  /** log10 of bytes per second read from disks: what the page cache holds is not read. */
  readonly storage: Range;
  /** log10 of bytes per second over the fabric (InfiniBand), both ways together. */
  readonly fabric: Range;
}

/** A port of the fabric that nothing uses: its manager's probes. Starting value. */
const QUIET_FABRIC: Range = [1, 4.5];
/** Programs and logs; starting value. */
const QUIET_STORAGE: Range = [0, 4.7];

/**
 * Data sets are read from disks or a store: 10,000 tokens a second are 40 kB/s, samples of 150 kB to 140 MB make
 * GB/s (ResNet-50, CosmoFlow, 3D U-Net in MLPerf Storage v1.0). Half of the runs have them at hand. Gradients of
 * several nodes: h100-fabric-t12, 12 GB/s a node. Shares: starting values.
 */
export const READING: Traffic = {
  network: [4, 8.7],
  sent: [0.01, 0.5],
  every: [-2, 0.7],
  offline: [0.5, 0.5],
  storage: [3, 9.3],
  fabric: [3, 10.3],
};

/**
 * Requests in, answers out: 10 to 12,000 tokens a second of a GPU (Llama 2 70B on GB200 NVL72: 865,000 of 72 GPUs),
 * four bytes each where they go out at once and some 250 where each is streamed by itself; pictures and sound are
 * more. A third of the servers has its customers on the same node or behind a fabric. Starting values but for the rate.
 */
export const SERVING: Traffic = {
  network: [2.5, 8],
  sent: [0.05, 0.98],
  every: [-2.5, 1],
  offline: [0.33, 0.33],
  storage: [1, 7.5],
  fabric: [1, 9],
};

/** A stored set in, results out, often on the same disks: no customers, no rhythm. Starting values. */
export const BATCH: Traffic = { ...SERVING, network: [3, 8.5], offline: [0.6, 0.6], storage: [3, 8.8] };

/** State and results are written, borders exchanged; what is read is read once. Starting values. */
export const SOLVING: Traffic = {
  network: [3, 8.5],
  sent: [0.05, 0.95],
  every: [-2, 1.5],
  offline: [0.6, 0.6],
  storage: [1, 8.8],
  fabric: [2, 10],
};

/** Scenes in, pictures out (Starting values). */
export const RENDERING: Traffic = { ...SOLVING, network: [4, 8], offline: [0.3, 0.3], fabric: QUIET_FABRIC };

/**
 * The six recorded pool sessions: 4 to 363 B/s up, 11 to 66 B/s down, gaps of 3 to 31 s, of one to a few GPUs. One
 * in ten goes by an interface that the agent does not see (DOMAIN 9, C9).
 */
export const POOLED: Traffic = {
  network: [0.5, 2.8],
  sent: [0.15, 0.9],
  every: [0, 1.7],
  offline: [0.1, 0.1],
  storage: QUIET_STORAGE,
  fabric: QUIET_FABRIC,
};

/**
 * Shares with a proof of 368 kB every few seconds (DOMAIN 6.3), J1: 3.1 Mbit/s up from eight GPUs, fourteen times what
 * comes down. A pool's difficulty sets how often: a factor of twenty each way, starting value.
 */
export const PROVING: Traffic = { ...POOLED, network: [3, 5.6], sent: [0.6, 0.98], every: [-0.9, 1.8] };

/** The same through a proxy that talks differently, or over an interface of its own. Starting values. */
export const PROVING_HIDDEN: Traffic = {
  ...PROVING,
  network: [2, 5.8],
  sent: [0.3, 0.98],
  offline: [0.25, 0.25],
};

/** Nothing is known: half has all it needs, the rest may move anything. */
export const ANYTHING: Traffic = {
  network: [1, 9],
  sent: [0.02, 0.98],
  every: [-2.5, 2],
  offline: [0.5, 0.5],
  storage: [0, 9.3],
  fabric: [1, 9],
};

export const STILL: Traffic = { ...POOLED, offline: [1, 1] };

/** Every host reports, logs and is looked after: what watches it, this agent too, mostly sends. By the node; starting values. */
const BACKGROUND = { network: [2.4, 5], sent: [0.1, 0.98], every: [-0.5, 1.2] } as const;
/** On some hosts something else is at home, or somebody makes it seem so (DOMAIN 9, C5 and C9). Starting values. */
const OTHERS = { share: 0.25, network: [4, 8], sent: [0.05, 0.95], every: [-2, 0.5] } as const;

/** One run's numbers of its traffic. */
type Drawn = Readonly<Record<keyof Traffic, number>>;

/**
 * The traffic of one run, second by second. What the work moves follows its level, what else is on the host does not.
 * @param gpus that work
 */
export function trafficOf(
  drawn: Drawn,
  gpus: number,
  random: Random,
): (into: HostActivity, level: number) => void {
  const within = ([low, high]: Range) => random.between(low, high);
  const other = (of: Omit<typeof BACKGROUND | typeof OTHERS, 'share'>) =>
    messages(10 ** within(of.network), within(of.sent), 10 ** within(of.every), random);
  const own =
    random.uniform() < drawn.offline
      ? null
      : messages(gpus * 10 ** drawn.network, drawn.sent, 10 ** drawn.every, random);
  const background = other(BACKGROUND);
  const others = random.uniform() < OTHERS.share ? other(OTHERS) : null;
  return (into, level) => {
    own?.(into, level);
    background(into, 1);
    others?.(into, 1);
    into.diskRead += gpus * 10 ** drawn.storage * level;
    const fabric = gpus * 10 ** drawn.fabric * level;
    into.fabricReceive += fabric / 2;
    into.fabricTransmit += fabric / 2;
  };
}

/** From this many a second on their number is near enough to normal. */
const MANY = 20;

/** Messages at random (Poisson), each way in one: as many bytes a second on the mean as are asked for. */
function messages(
  bytesPerSecond: number,
  sent: number,
  everySeconds: number,
  random: Random,
): (into: HostActivity, level: number) => void {
  const size = bytesPerSecond * everySeconds;
  let wait = random.exponential();
  return (into, level) => {
    const expected = level / everySeconds;
    let count = 0;
    if (expected > MANY) count = Math.max(0, expected + Math.sqrt(expected) * random.normal());
    else {
      wait -= expected;
      for (; wait <= 0; wait += random.exponential()) count++;
    }
    const bytes = size * count * Math.max(0.2, 1 + 0.3 * random.normal());
    into.transmit += bytes * sent;
    into.receive += bytes * (1 - sent);
  };
}
