import type { NodeRecord } from '#libs/ledger/port.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Finding } from '#libs/model/finding.ts';

export const aNode = (node: string, given: Partial<NodeRecord> = {}): NodeRecord => ({
  node,
  site: 'hall-1',
  tenant: 'tenant-1',
  hardware: '8x H100',
  publicKey: null,
  enrolled: false,
  credentialHash: null,
  firstSeenMs: 1_000,
  decommissionedMs: null,
  ...given,
});

export const aDeclaration = (given: Partial<Declaration> = {}): Declaration => ({
  id: 'd1',
  version: 1,
  tenant: 'tenant-1',
  nodes: ['n1'],
  behaviours: ['B1'],
  envelope: [{ metric: 'node_power_watts', min: null, max: 9_000 }],
  validFromMs: 0,
  validToMs: null,
  approver: 'R. Person',
  recordedMs: 1_000,
  ...given,
});

export const aFinding = (given: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  cause: 'hall-1/tenant-1/deviation',
  kind: 'deviation',
  status: 'open',
  severity: 'medium',
  node: 'n1',
  site: 'hall-1',
  tenant: 'tenant-1',
  openedMs: 1_000,
  updatedMs: 2_000,
  closedMs: null,
  onset: null,
  grade: 'C',
  reasons: [],
  counterReasons: [],
  unseen: ['what runs between two samples'],
  assessments: [{ windowEndMs: 2_000, revision: 'r1' }],
  ...given,
});
