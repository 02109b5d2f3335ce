import type { Ledger } from '#libs/ledger/port.ts';
import { NotFoundError } from '#libs/runtime/errors.ts';

/**
 * For a --node of which nothing was found: nothing of a node that is misspelt looks like nothing wrong.
 * @param ledger null: there is none to ask.
 * @throws NotFoundError unless the ledger knows the node.
 */
export async function assertKnown(
  node: string,
  ledger: { readonly nodes: Pick<Ledger['nodes'], 'find'> } | null,
): Promise<void> {
  if (ledger !== null && (await ledger.nodes.find(node)) !== null) return;
  throw new NotFoundError(
    `--node ${node}: expected a node that there is; what is asked has none of this name`,
  );
}
