import { Slab } from '#libs/stats/slab.ts';
import { SEQUENCE_WINDOW } from './sequence-window.ts';
import { KEPT_WINDOWS, TIERS, Tier } from './tier.ts';
import type { PlacesState } from './tiers/places.ts';

/** Starts of the agent that are remembered by name. */
const MAX_BOOTS = 4;
/** Texts that are shared at a time: a sender that names a new site in every frame must not make it grow. */
const MAX_SHARED = 20_000;

/** Columns of a node's numbers. */
export const NODE = {
  /** Ticks counted by the partition when the last frame came. */
  lastTick: 0,
  /** Newest window, in minutes since 1970. */
  newest: 1,
  /** Latest end of a frame. */
  endMs: 2,
  intervalMs: 3,
  /** Starts of the agent so far. */
  boots: 4,
  /** Event time at which the present start was first seen. */
  bootMs: 5,
  /** First GPU's row, −1 without one. */
  firstGpu: 6,
  /** Windows put into the history, since the node is in its tier. */
  recorded: 7,
  /** Windows from here on make the reference. */
  referenceFrom: 8,
  /** Window of receive time for which the clock was last reported. */
  clockWindow: 9,
  /** Place in `TIERS`, and the node's place in that tier's slabs. */
  tier: 10,
  place: 11,
  /** Windows from which and up to which (not included) it is rich; infinite: for good. */
  richFrom: 12,
  richUntil: 13,
  /** 1: its last judged window was odd. */
  odd: 14,
  /** The minute of receive time that is being heard, and the least lag of its frames, ms. */
  lagMinute: 15,
  lagMs: 16,
  /** The minute since which every one was behind, 0: it is not; and its lag, ms. */
  behindFrom: 17,
  behindMs: 18,
  /** Sequence windows of the present and the previous start. */
  present: 19,
  previous: 19 + SEQUENCE_WINDOW,
} as const;
const NODE_WIDTH = NODE.previous + SEQUENCE_WINDOW;

const GPU = { next: 0, index: 1, place: 2 } as const;
const GPU_WIDTH = 3;

/** What lies beside the slabs is shared where it is the same: a million nodes have few sites and declarations. */
class Shared {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_SHARED) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}

/** The state of a partition's nodes: slabs by row, and the few strings beside them. A host's row is its node's. */
export class NodeTable {
  readonly nodes = new Slab(NODE_WIDTH, (length) => new Float64Array(length));
  readonly gpus = new Slab(GPU_WIDTH, (length) => new Int32Array(length));
  /** In the order of `TIERS`. */
  readonly tiers: readonly [rich: Tier, cheap: Tier] = [new Tier('rich'), new Tier('cheap')];
  readonly names: string[] = [];
  readonly sites: string[] = [];
  /** Starts of the agent, newest first, at most {@link MAX_BOOTS}, joined by a blank: an array a node costs five times as much. */
  readonly boots: string[] = [];
  /** Declaration the reference belongs to. */
  readonly declared: string[] = [];
  /** Jobs of the kept windows, by row and window; none where none is known, or where it changed within the window. */
  readonly jobs = new Map<number, string>();
  readonly gpuIds: string[] = [];
  readonly #rows = new Map<string, number>();
  readonly #shared = new Shared();

  /** The node's row, or −1. */
  find(node: string): number {
    return this.#rows.get(node) ?? -1;
  }

  /** A row for a node that has none. @param tier place in `TIERS` */
  add(node: string, site: string, ticks: number, tier: number): number {
    const row = this.names.push(node) - 1;
    this.#rows.set(node, row);
    this.sites.push(this.#shared.of(site));
    this.boots.push('');
    this.declared.push('');
    this.nodes.ensure(row + 1);
    const data = this.nodes.page(row);
    const at = this.nodes.at(row);
    data[at + NODE.firstGpu] = -1;
    data[at + NODE.lastTick] = ticks;
    data[at + NODE.tier] = tier;
    data[at + NODE.place] = this.tiers[tier]!.hosts.take();
    return row;
  }

  moved(row: number, site: string): void {
    if (this.sites[row] !== site) this.sites[row] = this.#shared.of(site);
  }

  /** @returns whether it is another than before */
  declare(row: number, declared: string): boolean {
    if (this.declared[row] === declared) return false;
    this.declared[row] = this.#shared.of(declared);
    return true;
  }

  tierOf(row: number): Tier {
    return this.tiers[this.nodes.page(row)[this.nodes.at(row) + NODE.tier]!]!;
  }

  /** The node's place in the slabs of its tier. */
  placeOf(row: number): number {
    return this.nodes.page(row)[this.nodes.at(row) + NODE.place]!;
  }

  gpuPlace(gpu: number): number {
    return this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.place]!;
  }

  /** Entities of the node, itself included. */
  entitiesOf(row: number): number {
    let count = 1;
    for (let gpu = this.firstGpu(row); gpu >= 0; gpu = this.nextGpu(gpu)) count++;
    return count;
  }

  /** Notes a new start of the agent. */
  started(row: number, boot: string, bootMs: number): void {
    const data = this.nodes.page(row);
    const at = this.nodes.at(row);
    data.copyWithin(at + NODE.previous, at + NODE.present, at + NODE.present + SEQUENCE_WINDOW);
    data.fill(0, at + NODE.present, at + NODE.present + SEQUENCE_WINDOW);
    data[at + NODE.boots] = data[at + NODE.boots]! + 1;
    data[at + NODE.bootMs] = bootMs;
    const before = this.boots[row]!;
    this.boots[row] = before === '' ? boot : [boot, ...before.split(' ', MAX_BOOTS - 1)].join(' ');
  }

  /** How many starts ago this one was: 0 for the present; −1 where it is not known. */
  startsSince(row: number, boot: string): number {
    const boots = this.boots[row]!;
    if (boots === boot || (boots[boot.length] === ' ' && boots.startsWith(boot))) return 0;
    return boots.length <= boot.length ? -1 : boots.split(' ').indexOf(boot);
  }

  /** Notes the job of a window's frame: all its frames must name the same. @param first whether it is the window's first */
  noteJob(row: number, window: number, job: string, first: boolean): void {
    const at = row * KEPT_WINDOWS + (window % KEPT_WINDOWS);
    if (first && job !== '') this.jobs.set(at, this.#shared.of(job));
    else if (first || this.jobs.get(at) !== job) this.jobs.delete(at);
  }

  jobIn(row: number, window: number): string {
    return this.jobs.get(row * KEPT_WINDOWS + (window % KEPT_WINDOWS)) ?? '';
  }

  /** Name of a start by its ordinal (1 for the node's first), or null when it is forgotten. */
  bootName(row: number, ordinal: number): string | null {
    const ago = this.nodes.page(row)[this.nodes.at(row) + NODE.boots]! - ordinal;
    return this.boots[row]!.split(' ')[ago] || null;
  }

  /** The GPU's row, made if it is new. */
  gpuOf(row: number, index: number, id: string): number {
    let last = -1;
    for (let gpu = this.firstGpu(row); gpu >= 0; gpu = this.nextGpu(gpu)) {
      if (this.gpuIndex(gpu) === index) {
        if (this.gpuIds[gpu] !== id) this.gpuIds[gpu] = id;
        return gpu;
      }
      last = gpu;
    }
    const gpu = this.gpuIds.push(id) - 1;
    this.gpus.ensure(gpu + 1);
    const data = this.gpus.page(gpu);
    data[this.gpus.at(gpu) + GPU.place] = this.tierOf(row).gpus.take();
    data[this.gpus.at(gpu) + GPU.next] = -1;
    data[this.gpus.at(gpu) + GPU.index] = index;
    if (last < 0) this.nodes.page(row)[this.nodes.at(row) + NODE.firstGpu] = gpu;
    else this.gpus.page(last)[this.gpus.at(last) + GPU.next] = gpu;
    return gpu;
  }

  firstGpu(row: number): number {
    return this.nodes.page(row)[this.nodes.at(row) + NODE.firstGpu]!;
  }

  nextGpu(gpu: number): number {
    return this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.next]!;
  }

  gpuIndex(gpu: number): number {
    return this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.index]!;
  }

  /** Gives the node and its GPUs other places: what lay in the old ones is theirs no more. */
  place(row: number, tier: number, place: number, gpuPlaces: readonly number[]): void {
    const from = this.tierOf(row);
    const data = this.nodes.page(row);
    const at = this.nodes.at(row);
    from.hosts.give(data[at + NODE.place]!);
    data[at + NODE.tier] = tier;
    data[at + NODE.place] = place;
    let n = 0;
    for (let gpu = this.firstGpu(row); gpu >= 0; gpu = this.nextGpu(gpu)) {
      from.gpus.give(this.gpuPlace(gpu));
      this.gpus.page(gpu)[this.gpus.at(gpu) + GPU.place] = gpuPlaces[n++]!;
    }
  }

  /** Bytes of the slabs; strings and maps are not counted. */
  get byteLength(): number {
    return this.tiers.reduce(
      (sum, tier) => sum + tier.byteLength,
      this.nodes.byteLength + this.gpus.byteLength,
    );
  }

  /** The strings, and the slabs' bytes in a fixed order. The bytes are not copied: use them before the next frame. */
  dump(): { readonly strings: TableStrings; readonly bytes: readonly Uint8Array[] } {
    const { names, sites, boots, declared, jobs, gpuIds } = this;
    const places = this.tiers.map(({ hosts, gpus }) => ({ hosts: hosts.state(), gpus: gpus.state() }));
    return {
      strings: { names, sites, boots, declared, jobs: [...jobs], gpuIds, places },
      bytes: [
        ...this.nodes.bytes(names.length),
        ...this.gpus.bytes(gpuIds.length),
        ...this.tiers.flatMap(({ hosts, gpus }) => [...hosts.bytes(), ...gpus.bytes()]),
      ],
    };
  }

  /** The table that {@link dump} described. @throws RangeError when the bytes do not fit. */
  static restore(strings: TableStrings, bytes: Uint8Array): NodeTable {
    const table = new NodeTable();
    const shared = (text: string) => table.#shared.of(text);
    append(table.names, strings.names);
    append(table.sites, strings.sites.map(shared));
    append(table.boots, strings.boots);
    append(table.declared, strings.declared.map(shared));
    for (const [at, job] of strings.jobs) table.jobs.set(at, job);
    append(table.gpuIds, strings.gpuIds);
    strings.names.forEach((name, row) => {
      table.#rows.set(name, row);
    });
    let from = 0;
    const take = (size: number) => {
      from += size;
      return bytes.subarray(from - size, from);
    };
    table.nodes.restore(take(table.nodes.sizeOf(strings.names.length)), strings.names.length);
    table.gpus.restore(take(table.gpus.sizeOf(strings.gpuIds.length)), strings.gpuIds.length);
    TIERS.forEach((_, tier) => {
      const { hosts, gpus } = strings.places[tier]!;
      table.tiers[tier]!.hosts.restore(hosts, take);
      table.tiers[tier]!.gpus.restore(gpus, take);
    });
    return table;
  }
}

/** Without a spread: a hundred thousand arguments do not fit on the stack. */
function append(to: string[], from: readonly string[]): void {
  for (const one of from) to.push(one);
}

export interface TableStrings {
  readonly names: readonly string[];
  readonly sites: readonly string[];
  readonly boots: readonly string[];
  readonly declared: readonly string[];
  readonly jobs: readonly (readonly [at: number, job: string])[];
  readonly gpuIds: readonly string[];
  /** Of each tier. */
  readonly places: readonly { readonly hosts: PlacesState; readonly gpus: PlacesState }[];
}
