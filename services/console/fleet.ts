import type { Ledger, NodeRecord, TenantTurn } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Person } from '#libs/model/person.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { type Tenancy, tenanciesOf } from './tenancy.ts';

/** A time that somebody may see of a node; `toMs` excluded. */
export type Period = Pick<Tenancy, 'fromMs' | 'toMs'>;

const ALWAYS: readonly Period[] = [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }];

/** A copy of the ledger's nodes and declarations, some seconds old at most, and who may see what of them. */
export class Fleet {
  readonly #ledger: Pick<Ledger, 'nodes' | 'declarations'>;
  readonly #everyMs: number;
  readonly #surroundings: Surroundings;
  #nodes: ReadonlyMap<string, NodeRecord> = new Map();
  #declarations: ReadonlyMap<string, readonly Declaration[]> = new Map();
  #turns: ReadonlyMap<string, readonly TenantTurn[]> = new Map();
  #tenancies = new Map<string, readonly Tenancy[]>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(ledger: Pick<Ledger, 'nodes' | 'declarations'>, everyMs: number, surroundings: Surroundings) {
    this.#ledger = ledger;
    this.#everyMs = everyMs;
    this.#surroundings = surroundings;
  }

  /** Nodes in service, by name. */
  get nodes(): ReadonlyMap<string, NodeRecord> {
    return this.#nodes;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => {
      this.#looking = this.refresh().catch((err: unknown) => {
        this.#surroundings.log.warn({ err }, 'the register could not be read; going on with the last copy');
      });
    }, this.#everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async refresh(): Promise<void> {
    const [nodes, turns, declarations] = await Promise.all([
      this.#ledger.nodes.list(),
      this.#ledger.nodes.turns(),
      this.#ledger.declarations.list(),
    ]);
    const serving = nodes.filter(({ decommissionedMs }) => decommissionedMs === null);
    this.#nodes = new Map(serving.map((record) => [record.node, record]));
    this.#turns = Map.groupBy(turns, ({ node }) => node);
    this.#declarations = byNode(declarations);
    this.#tenancies = new Map();
  }

  /** Those that cover the node, oldest first. */
  declarations(node: string): readonly Declaration[] {
    return this.#declarations.get(node) ?? [];
  }

  tenancies(record: NodeRecord): readonly Tenancy[] {
    let known = this.#tenancies.get(record.node);
    if (!known) {
      known = tenanciesOf(record.node, this.#turns.get(record.node) ?? [], this.declarations(record.node));
      this.#tenancies.set(record.node, known);
    }
    return known;
  }

  /** Whose the node is at this time. */
  tenantOf(record: NodeRecord, timeMs: number): string | null {
    const now = this.tenancies(record).find(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
    return now?.tenant ?? null;
  }

  /** Whether this person may see the window that ends then. */
  seesWindow(person: Person, record: NodeRecord, windowEndMs: number): boolean {
    return containsWindow(this.visible(person, record), windowEndMs);
  }

  /** Whether the node is this person's to see at that time. */
  sees(person: Person, record: NodeRecord, timeMs: number): boolean {
    return contains(this.visible(person, record), timeMs);
  }

  /** What of the node this person may see; empty: to them it does not exist. */
  visible(person: Person, record: NodeRecord): readonly Period[] {
    if (person.role !== 'tenant') return ALWAYS;
    return this.tenancies(record).filter(({ tenant }) => tenant === person.tenant);
  }
}

/** Whether what carries this tenant's name is for this person. */
export function isTheirs(person: Person, { tenant }: { readonly tenant: string | null }): boolean {
  return person.role !== 'tenant' || (tenant !== null && tenant === person.tenant);
}

function contains(intervals: readonly Period[], timeMs: number): boolean {
  return intervals.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
}

/** Whether a window is within them: its last moment decides. */
export function containsWindow(intervals: readonly Period[], windowEndMs: number): boolean {
  return contains(intervals, windowEndMs - 1);
}

function byNode(declarations: readonly Declaration[]): ReadonlyMap<string, readonly Declaration[]> {
  const found = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    for (const node of declaration.nodes) {
      const list = found.get(node);
      if (list) list.push(declaration);
      else found.set(node, [declaration]);
    }
  }
  return found;
}
