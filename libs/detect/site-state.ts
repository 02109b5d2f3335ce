import type { Assessment, Ground, Heartbeat, TimeInterval } from '#libs/model/assessment.ts';
import type { Grade } from '#libs/model/behaviour.ts';
import type { Finding, FindingKind } from '#libs/model/finding.ts';
import type { EnergyState } from './energy.ts';
import { begunAnew, type Gathered, settled } from './sequential/standing.ts';
import type { UnexplainedState } from './unexplained.ts';

/** Windows of a node that stage 2 remembers, and revisions of its silence. */
const NOTED_WINDOWS = 16;

/** What stage 2 keeps of one assessed window. */
export interface WindowNote {
  readonly endMs: number;
  readonly revision: string;
  readonly declared: boolean;
  /** Outside the declared envelope. */
  readonly deviates: boolean;
  /** Unlike the node's own past. */
  readonly changed: boolean;
  /** Two machines may answer to this name. */
  readonly cloned: boolean;
  /** What its counters say for work that is not declared, nats, bounded; null: nothing either way. */
  readonly evidence: number | null;
}

/** A node's means over one window, in the order of `TRACKED_METRICS`; null where absent, because JSON has no NaN. */
interface WindowMeans {
  readonly endMs: number;
  readonly means: readonly (number | null)[];
  /** Job that a scheduler names in all of the window; '' where none is known. */
  readonly job: string;
}

/** A window compared with peers. */
interface Compared {
  readonly endMs: number;
  readonly deviates: boolean;
  /** Whether a finding of a declared node may rest on it. */
  readonly counts: boolean;
}

/** The newest assessment of a node that reports, as far as a finding quotes it. */
export interface Quote {
  readonly grade: Grade;
  readonly reasons: readonly Ground[];
  readonly counterReasons: readonly Ground[];
  readonly unseen: readonly string[];
  readonly onset: TimeInterval | null;
}

/** A node as stage 2 knows it. Plain data: the checkpoint is its JSON. */
export interface SiteNode {
  readonly node: string;
  site: string;
  tenant: string | null;
  /** Declaration in force, `id@version`, or null. */
  declaration: string | null;
  heartbeat: Heartbeat;
  /** Windows noted so far. */
  windows: number;
  /** Oldest first. */
  notes: WindowNote[];
  /** The sequential test of their evidence, up to before the oldest. */
  gathered: Gathered;
  quote: Quote | null;
  /** Revisions of assessments that are no windows (silence, clock): taken once. */
  taken: string[];
  means: WindowMeans[];
  /** In-band power of the newest summary that has one, W. */
  powerWatts: number | null;
  /** Windows compared with peers, oldest first. */
  compared: Compared[];
  peerGrounds: readonly Ground[];
  /** Windows noted since the clock was last ahead; null: it never was, or that is over. */
  sinceClock: number | null;
  /** Blind, and waiting for the readings of the same time. */
  pending: PendingBlind | null;
  reading: PowerReading | null;
  /** The first reading of load since it is blind, until it is sure that the node has not returned meanwhile. */
  load: PowerReading | null;
  /** Job of the newest window compared, windows in it so far, and on balance those in which it did less than the others. */
  job: { readonly name: string; readonly windows: number; readonly less: number } | null;
  /** Null: no meter of its own was heard. */
  energy: EnergyState | null;
  /** Null: the newest window fits, or nothing can be said. */
  unexplained: UnexplainedState | null;
  readonly open: Partial<Record<FindingKind, Finding>>;
}

interface PowerReading {
  readonly endMs: number;
  readonly powerWatts: number;
}

interface PendingBlind {
  readonly assessment: Assessment;
  /** Index of the newest tick when it came. */
  readonly tick: number;
}

export function newSiteNode(node: string, site: string): SiteNode {
  return {
    node,
    site,
    tenant: null,
    declaration: null,
    heartbeat: 'present',
    windows: 0,
    notes: [],
    gathered: begunAnew(0),
    quote: null,
    taken: [],
    means: [],
    powerWatts: null,
    compared: [],
    peerGrounds: [],
    sinceClock: null,
    pending: null,
    reading: null,
    load: null,
    job: null,
    energy: null,
    unexplained: null,
    open: {},
  };
}

export function quoteOf({ grade, reasons, counterReasons, unseen, onset }: Assessment): Quote {
  return { grade, reasons, counterReasons, unseen, onset };
}

/**
 * Notes a window; another revision of a noted one replaces it.
 * @returns false when this very revision is noted already, or the window is older than all that are remembered
 */
export function noteWindow(node: SiteNode, note: WindowNote): boolean {
  const { notes } = node;
  const known = notes.findIndex(({ endMs }) => endMs === note.endMs);
  if (known >= 0) {
    if (notes[known]?.revision === note.revision) return false;
    notes[known] = note;
    return true;
  }
  const oldest = notes[0];
  if (notes.length === NOTED_WINDOWS && oldest !== undefined && note.endMs < oldest.endMs) return false;
  notes.push(note);
  notes.sort((a, b) => a.endMs - b.endMs);
  const settling = notes.length > NOTED_WINDOWS ? notes.shift() : undefined;
  if (settling) node.gathered = settled(node.gathered, settling);
  node.windows++;
  return true;
}

/** Takes an assessment that is no window once. @returns false when it was taken before */
export function takeOnce(node: SiteNode, revision: string): boolean {
  if (node.taken.includes(revision)) return false;
  node.taken = [...node.taken.slice(1 - NOTED_WINDOWS), revision];
  return true;
}
