import type { Declaration } from '#libs/model/declaration.ts';

/** What the ledger knows about a node, as far as a verdict needs it. */
export interface RegisteredNode {
  readonly node: string;
  readonly tenant: string | null;
  readonly site?: string;
  readonly hardware: string | null;
  /** Ed25519 public key, hex, or null. */
  readonly publicKey: string | null;
  readonly enrolled: boolean;
  /** When a person took it out of service, Unix ms; null or absent: it serves. */
  readonly decommissionedMs?: number | null;
}

/** A copy of the ledger's register, taken now and then and passed in as data. */
export interface Register {
  readonly nodes: ReadonlyMap<string, RegisteredNode>;
  /** Every version that covers a node, oldest first. */
  readonly declarations: ReadonlyMap<string, readonly Declaration[]>;
  /** Nodes that a person took out of service, with the time, Unix ms. */
  readonly decommissioned: ReadonlyMap<string, number>;
}

export const EMPTY_REGISTER: Register = {
  nodes: new Map(),
  declarations: new Map(),
  decommissioned: new Map(),
};

/** @param declarations every version, oldest first, as the ledger lists them */
export function buildRegister(
  nodes: readonly RegisteredNode[],
  declarations: readonly Declaration[],
): Register {
  const byNode = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    for (const node of declaration.nodes) {
      const list = byNode.get(node) ?? [];
      list.push(declaration);
      byNode.set(node, list);
    }
  }
  const gone = nodes.flatMap(({ node, decommissionedMs = null }) =>
    decommissionedMs === null ? [] : [[node, decommissionedMs] as const],
  );
  return {
    nodes: new Map(nodes.map((node) => [node.node, node])),
    declarations: byNode,
    decommissioned: new Map(gone),
  };
}

/** Where a node is: of one that a person enrolled what they said; of another what its frames claim. */
export function siteIn(register: Register, node: string, claimed: string): string {
  const known = register.nodes.get(node);
  return known?.enrolled === true && known.site !== undefined ? known.site : claimed;
}

/**
 * The declaration in force for a node at a time: of each id the highest version that had begun by then, unless it
 * has ended; of several ids the one that began last.
 */
export function declarationInForce(register: Register, node: string, timeMs: number): Declaration | null {
  const begun = new Map<string, Declaration>();
  for (const declaration of register.declarations.get(node) ?? []) {
    const known = begun.get(declaration.id);
    const newer = !known || known.version < declaration.version;
    if (newer && declaration.validFromMs <= timeMs) begun.set(declaration.id, declaration);
  }
  let best: Declaration | null = null;
  for (const declaration of begun.values()) {
    const ended = declaration.validToMs !== null && declaration.validToMs <= timeMs;
    if (!ended && (best === null || declaration.validFromMs > best.validFromMs)) best = declaration;
  }
  return best;
}
