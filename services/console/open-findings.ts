import { type Finding, SEVERITIES, type Severity } from '#libs/model/finding.ts';

type Open = Pick<Finding, 'id' | 'node' | 'tenant' | 'kind' | 'severity' | 'updatedMs'>;

/** The findings that are open, in short: from the ledger at the start, then from the bus. */
export class OpenFindings {
  readonly #byId = new Map<string, Open>();
  readonly #byNode = new Map<string, Map<string, Open>>();

  /** Of two states of one finding the newer counts. */
  take({ id, node, tenant, kind, severity, updatedMs, status }: Finding): void {
    const known = this.#byId.get(id);
    if (known && known.updatedMs > updatedMs) return;
    if (status === 'open') this.#put({ id, node, tenant, kind, severity, updatedMs });
    else this.#remove(id, node);
  }

  all(): Iterable<Open> {
    return this.#byId.values();
  }

  /** Highest of the node's open findings that the test lets through; null: none is open. */
  severity(node: string, isWanted: (finding: Open) => boolean): Severity | null {
    let highest = -1;
    for (const finding of this.#byNode.get(node)?.values() ?? []) {
      if (isWanted(finding)) highest = Math.max(highest, SEVERITIES.indexOf(finding.severity));
    }
    return SEVERITIES[highest] ?? null;
  }

  #put(finding: Open): void {
    this.#byId.set(finding.id, finding);
    const ofNode = this.#byNode.get(finding.node) ?? new Map<string, Open>();
    this.#byNode.set(finding.node, ofNode.set(finding.id, finding));
  }

  #remove(id: string, node: string): void {
    this.#byId.delete(id);
    const ofNode = this.#byNode.get(node);
    ofNode?.delete(id);
    if (ofNode?.size === 0) this.#byNode.delete(node);
  }
}
