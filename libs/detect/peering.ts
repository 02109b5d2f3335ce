import type { Ground } from '#libs/model/assessment.ts';
import type { DetectParameters } from './parameters.ts';
import type { Register } from './register.ts';
import { type Peer, peers } from './rules/peers.ts';
import type { SiteNode } from './site-state.ts';
import { TRACKED_METRICS } from './tracked.ts';
import { against } from './verdict.ts';

/** What a machine computes with; traffic, files and memory depend on a node's role within a job. */
const OF_WORK: ReadonlySet<string> = new Set(
  TRACKED_METRICS.flatMap(({ name, unit }) =>
    unit === 'W' || (unit === '1' && !name.includes('memory_used')) ? [name] : [],
  ),
);
/** What says how busy a machine is, and its places among the tracked. */
const BUSY: ReadonlySet<string> = new Set([
  'cpu_utilization_ratio',
  'gpu_utilization_ratio',
  'gpu_sm_active_ratio',
]);
const BUSY_PLACES = TRACKED_METRICS.flatMap(({ name }, place) => (BUSY.has(name) ? [place] : []));
const COMPARED_WINDOWS = 16;

/**
 * Nodes with a summary of this window, by what makes them peers: site, tenant, declaration, hardware, and the job
 * where a scheduler names one. Nodes of unknown hardware have no peers.
 */
export function peerGroups(nodes: Iterable<SiteNode>, endMs: number, register: Register): SiteNode[][] {
  const groups = new Map<string, SiteNode[]>();
  for (const node of [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1))) {
    const hardware = register.nodes.get(node.node)?.hardware ?? null;
    const said = node.means.find((means) => means.endMs === endMs);
    if (hardware === null || said === undefined) continue;
    noteJob(node, said.job);
    const key = JSON.stringify([node.site, node.tenant, node.declaration, hardware, said.job]);
    const group = groups.get(key) ?? [];
    group.push(node);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function noteJob(node: SiteNode, name: string): void {
  if (name === '') node.job = null;
  else if (node.job?.name === name) node.job = { ...node.job, windows: node.job.windows + 1 };
  else node.job = { name, windows: 1, less: 0 };
}

/**
 * Compares a group over a window. Of a known job only the nodes that have been in it for a while: its start and its
 * end are not alike everywhere. Standing out counts on a declared node where the job is known, by work that the
 * others do not do or by less of everything for long, and where only a few stand out: of a job that is divided,
 * nobody can say which part does what was declared.
 */
export function comparePeers(group: readonly SiteNode[], endMs: number, parameters: DetectParameters): void {
  const settled = group.filter(({ job }) => job === null || job.windows > parameters.sameJobWindows);
  const members = new Map(settled.map((node) => [node, peerOf(node, endMs)]));
  const grounds = peers([...members.values()], TRACKED_METRICS, parameters);
  const few = grounds.size <= parameters.peersMinorityRatio * settled.length;
  for (const node of group) {
    const own = grounds.get(node.node) ?? [];
    const way = wayOf(members.get(node), own);
    if (node.job !== null) node.job = { ...node.job, less: lessOf(node.job.less, way, parameters) };
    const long = node.job?.less === parameters.peersLessWindows;
    const counts = node.job !== null && few && (way === 'else' || (way === 'less' && long));
    node.peerGrounds = own;
    const one = { endMs, deviates: own.length > 0, counts };
    node.compared = [...node.compared, one].slice(-COMPARED_WINDOWS);
  }
}

/** How a node's work differs from that of the others. */
type Way = 'alike' | 'less' | 'else';

/**
 * Other work: more of something, or less of something by a node that is as busy as the others. Less of everything
 * is a pause, a checkpoint or a straggler, for a while.
 */
function wayOf(member: Peer | undefined, grounds: readonly Ground[]): Way {
  const ofWork = grounds.filter(({ metric }) => metric !== null && OF_WORK.has(metric));
  if (member === undefined || ofWork.length === 0) return 'alike';
  if (ofWork.some(({ observed, expected }) => (observed ?? 0) > (expected ?? 0))) return 'else';
  const isMeasured = BUSY_PLACES.some((place) => !Number.isNaN(member.means[place]!));
  const isIdler = ofWork.some(({ metric }) => BUSY.has(metric ?? ''));
  return isMeasured && !isIdler ? 'else' : 'less';
}

/** Windows on balance in which a node did less of everything. */
function lessOf(before: number, way: Way, { peersLessWindows, lapsePenalty }: DetectParameters): number {
  if (way !== 'less') return Math.max(0, before - lapsePenalty);
  return Math.min(peersLessWindows, before + 1);
}

function peerOf({ node, means }: SiteNode, endMs: number): Peer {
  const said = means.find((one) => one.endMs === endMs)?.means ?? [];
  return { node, means: Float64Array.from(said, (mean) => mean ?? Number.NaN) };
}

/** What speaks against being unlike one's peers. */
export const AGAINST_PEERS: readonly Ground[] = [
  'A straggler, a throttled or broken GPU, or another role within the same job looks like this.',
  'Where most of the peers do what is not declared, it is the others that stand out.',
].map(against);
