import type { Assessment, Ground, Heartbeat } from '#libs/model/assessment.ts';
import type { Behaviour, Conformity } from '#libs/model/behaviour.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { type NodeEvidence, nodeEvidence } from './evidence/node-evidence.ts';
import type { Scorer } from './evidence/score.ts';
import { isMeasured } from './explained/separation.ts';
import { HOST_UNSEEN, hostEvidence } from './host-evidence/host-evidence.ts';
import { keptWhenCheap } from './layout.ts';
import type { NodeTable } from './node-table.ts';
import { fixedMean, type NodeWindow, type Observed } from './node-window.ts';
import { DETECTOR, type DetectParameters, type Hash } from './parameters.ts';
import { type Change, changeWithin } from './rules/change.ts';
import { drifts } from './rules/drift.ts';
import { type EnvelopeResult, envelope } from './rules/envelope.ts';
import { isIdle } from './rules/idle.ts';
import { type Onset, onset } from './rules/onset.ts';
import { type OwnPastResult, ownPast } from './rules/own-past.ts';
import { doubtfulSensors } from './rules/sensors.ts';
import { youngPast } from './rules/young-past.ts';
import type { Shown } from './shares/parts.ts';
import { hourShares, NO_SHARES } from './shares/shares.ts';
import { round } from './spread.ts';
import { cloneGrounds, doubts, gradeOf } from './trust.ts';
import { lookAlikes, UNSEEN_WHEN_SILENT, unseenIn } from './unseen.ts';

/** An assessment before its revision is known. */
export type Draft = Omit<Assessment, 'revision'>;

/** What an assessment is about, whatever was seen. */
export interface Subject {
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly declaration: Declaration | null;
}

const NOTHING_DECLARED: ReadonlySet<Behaviour> = new Set();
const NO_ENVELOPE: EnvelopeResult = { grounds: [], worst: null, missing: [] };

/**
 * The verdict over one closed window of a node that reports.
 * @param coverageRatio frames that arrived of those expected, 0–1
 * @param trust flags of `TRUST`
 * @param counts whether it counts for the node's shares: the first verdict over the whole window
 */
export function assess(
  subject: Subject,
  table: NodeTable,
  node: NodeWindow,
  coverageRatio: number,
  trust: number,
  parameters: DetectParameters,
  scorer: Scorer,
  hostScorer: Scorer,
  counts: boolean,
): Draft {
  const { declaration } = subject;
  const doubtful = doubtfulSensors(node, parameters);
  const idle = doubtful.length === 0 && isIdle(node, parameters);
  const covered = coverageRatio >= parameters.minCoverageRatio;
  const bounds = declaration && covered ? envelope(node, declaration, idle, parameters) : NO_ENVELOPE;
  const evidence = idle || !covered ? null : nodeEvidence(node, scorer, declaredOf(declaration));
  const speaking = evidence && evidence.logOdds >= parameters.flagLogOdds ? evidence.grounds : [];
  const alone =
    idle || !covered || doubtful.length > 0
      ? null
      : hostEvidence(node, hostScorer, declaredOf(declaration), parameters);
  const behaviours = alone?.behaviours ?? behavioursOf(node, idle, evidence, parameters);
  const shown = covered ? shownIn(node, idle, evidence, parameters) : null;
  const { shares, grounds: shared } = counts
    ? hourShares(table, node, subject, shown, declaration && declaredOf(declaration), scorer, parameters)
    : NO_SHARES;
  const past = ownPast(node, parameters);
  const { changes, worst } = changesOf(table, node, past, idle, parameters);
  const began = onsetOf(table, node, bounds.worst ?? worst, parameters);
  const change = changeWithin(node, idle, parameters);
  const reasons = [
    ...bounds.grounds,
    ...speaking,
    ...changes,
    ...(change ? [change.ground] : []),
    ...(began ? [began.ground] : []),
    ...shared,
    ...cloneGrounds(trust, parameters.weightCap),
  ];
  const deviates = bounds.grounds.length > 0 || speaking.length > 0;
  const blind =
    !covered || bounds.missing.length > 0 || doubtful.length > 0 || (alone !== null && alone.open);
  return {
    ...head(subject),
    behaviours,
    logOdds: logOddsOf(evidence),
    conformity: conform(declaration, { deviates, blind, behaviours, parameters }),
    grade: gradeOf(trust),
    heartbeat: 'present',
    coverageRatio,
    reasons,
    counterReasons: [
      ...(evidence?.counterGrounds ?? []),
      ...(alone?.counterGrounds ?? []),
      ...counters(reasons, bounds, past, idle, trust),
    ],
    ...(shares ? { shares } : {}),
    onset: dated(began, change),
    unseen: [
      ...(alone ? [HOST_UNSEEN] : []),
      ...lookAlikes(node, evidence, isMeasured(scorer.tables, parameters)),
      ...unseenWith(node, bounds.missing, doubtful),
    ],
  };
}

/** How the window differs from the node's own past; an idle node has changed to nothing. */
function changesOf(
  table: NodeTable,
  node: NodeWindow,
  past: OwnPastResult,
  idle: boolean,
  parameters: DetectParameters,
): { readonly changes: readonly Ground[]; readonly worst: Observed | null } {
  if (idle) return { changes: [], worst: null };
  const young = youngPast(table, node, parameters);
  const changes = [...past.grounds, ...young.grounds, ...drifts(node, parameters)];
  return { changes, worst: past.worst ?? young.worst };
}

function onsetOf(
  table: NodeTable,
  node: NodeWindow,
  worst: Observed | null,
  parameters: DetectParameters,
): Onset | null {
  return worst === null ? null : onset(table, node, worst, parameters);
}

/** By the frames where they show it and no older change is at work: they are the finer clock. */
function dated(began: Onset | null, change: Change | null): Draft['onset'] {
  if (began === null || change === null) return began?.interval ?? change?.interval ?? null;
  const within =
    change.interval.fromMs >= began.interval.fromMs && change.interval.toMs <= began.interval.toMs;
  return within ? change.interval : began.interval;
}

/** The verdict over a node that is silent: nothing of what it did before is asserted again. */
export function assessSilence(
  subject: Subject,
  heartbeat: Exclude<Heartbeat, 'present'>,
  ticks: number,
  parameters: DetectParameters,
): Draft {
  const limit = heartbeat === 'blind' ? parameters.blindTicks : parameters.missedTicks;
  return {
    ...head(subject),
    behaviours: heartbeat === 'blind' ? { B12: 1 } : { B13: 1 },
    logOdds: null,
    conformity: 'cannot tell',
    grade: 'D',
    heartbeat,
    coverageRatio: 0,
    reasons: [
      {
        rule: 'heartbeat',
        metric: null,
        weight: heartbeat === 'blind' ? parameters.weightCap : 1,
        observed: ticks,
        expected: limit,
        text: `no frame arrived for ${ticks} ticks of the stream's own clock; from ${limit} on the node counts as ${heartbeat}`,
      },
    ],
    counterReasons: [against('A network fault, maintenance or a stopped agent looks the same.')],
    onset: null,
    unseen: UNSEEN_WHEN_SILENT,
  };
}

/** The verdict over a frame whose device time is ahead of its receive time: its values are not used. */
export function assessClock(subject: Subject, aheadMs: number, parameters: DetectParameters): Draft {
  return {
    ...head(subject),
    behaviours: { B13: 1 },
    logOdds: null,
    conformity: 'cannot tell',
    grade: 'X',
    heartbeat: 'present',
    coverageRatio: 0,
    reasons: [
      {
        rule: 'clock',
        metric: null,
        weight: parameters.weightCap,
        observed: aheadMs / 1000,
        expected: parameters.clockAheadMs / 1000,
        text: `the device's clock was ${(aheadMs / 1000).toFixed(0)} s ahead of the time at which its frame was received`,
      },
    ],
    counterReasons: [against('A machine without time synchronisation looks the same.')],
    onset: null,
    unseen: UNSEEN_WHEN_SILENT,
  };
}

/**
 * Seals a draft with its revision: the hash of all it says, the parameters and the bytes it rests on. The same
 * inputs give the same revision, and another revision is another verdict.
 * @returns the assessment, and its JSON, made once
 */
export function revise(
  draft: Draft,
  parametersHash: string,
  inputs: string,
  hash: Hash,
): { readonly assessment: Assessment; readonly json: string } {
  const text = JSON.stringify(draft);
  const revision = hash(`${parametersHash}\n${inputs}\n${text}`).slice(0, 32);
  return { assessment: { ...draft, revision }, json: `${text.slice(0, -1)},"revision":"${revision}"}` };
}

function head({ node, site, tenant, windowStartMs, windowEndMs, declaration }: Subject) {
  return {
    node,
    site,
    tenant,
    windowStartMs,
    windowEndMs,
    detector: DETECTOR,
    declaration: declaration === null ? null : `${declaration.id}@${declaration.version}`,
  };
}

function declaredOf(declaration: Declaration | null): ReadonlySet<Behaviour> {
  return declaration === null ? NOTHING_DECLARED : new Set(declaration.behaviours);
}

/** GPUs that wait say nothing about a node whose CPU works. */
function behavioursOf(
  node: NodeWindow,
  idle: boolean,
  evidence: NodeEvidence | null,
  parameters: DetectParameters,
): Partial<Record<Behaviour, number>> {
  const { idleConfidence } = parameters;
  if (idle) return { B0: idleConfidence, B13: 1 - idleConfidence };
  if (evidence === null) return { B13: 1 };
  const { B0 = 0, B13 = 0, ...others } = evidence.behaviours;
  const busy = isBusyHost(node, parameters);
  return busy ? { ...others, B13: round(B0 + B13) } : evidence.behaviours;
}

function isBusyHost({ entities: [host] }: NodeWindow, { busyCpuRatio }: DetectParameters): boolean {
  return host?.layout.kind === 'host' && fixedMean(host, 'cpu') >= busyCpuRatio;
}

function shownIn(
  node: NodeWindow,
  idle: boolean,
  evidence: NodeEvidence | null,
  parameters: DetectParameters,
): Shown {
  const { scores, gpus } = evidence ?? { scores: [], gpus: 0 };
  return { idle, busyHost: isBusyHost(node, parameters), scores, gpus };
}

/** Without a bound where every such behaviour is declared: then nothing speaks against the node. */
function logOddsOf(evidence: NodeEvidence | null): number | null {
  return evidence === null || !Number.isFinite(evidence.logOdds) ? null : round(evidence.logOdds);
}

interface Findings {
  readonly deviates: boolean;
  /** Something that the declaration asks about was not measured, or not by a sensor that is believed. */
  readonly blind: boolean;
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  readonly parameters: DetectParameters;
}

/** An idle node conforms to every declaration. */
function conform(
  declaration: Declaration | null,
  { deviates, blind, behaviours, parameters }: Findings,
): Conformity {
  if (declaration === null) return 'undeclared';
  if (deviates) return 'deviates';
  if (blind) return 'cannot tell';
  const declared = new Set<Behaviour>(['B0', ...declaration.behaviours]);
  let probability = 0;
  for (const behaviour of declared) probability += behaviours[behaviour] ?? 0;
  const met = declaration.envelope.length > 0 || probability >= parameters.conformProbability;
  return met ? 'conforms' : 'cannot tell';
}

function counters(
  reasons: readonly Ground[],
  bounds: EnvelopeResult,
  past: OwnPastResult,
  idle: boolean,
  trust: number,
): Ground[] {
  const found: Ground[] = [];
  if (idle) found.push(against('CPU and GPUs are idle.'));
  if (reasons.length === 0) return found;
  for (const { metric } of bounds.grounds) {
    if (metric === null || !past.usual.has(metric)) continue;
    found.push({
      ...against(`${metric.replaceAll('_', ' ')} is at its usual level for this node.`),
      metric,
    });
  }
  if (past.young) found.push(against('The node has been watched for too short a time to know its past.'));
  for (const text of doubts(trust)) found.push(against(text));
  found.push(
    against('A new job, model, batch size or power limit within the declared use can look like this.'),
  );
  return found;
}

function against(text: string): Ground {
  return { rule: 'counter', metric: null, weight: -0.5, observed: null, expected: null, text };
}

function missingText(metric: string, { cheap }: NodeWindow): string {
  const dropped = cheap && !keptWhenCheap(metric);
  return dropped
    ? `${metric} is declared, and the cheap tier does not keep it: the bound was not judged.`
    : `${metric} is declared and not measured on this node.`;
}

function unseenWith(
  node: NodeWindow,
  missing: readonly string[],
  doubtful: readonly string[],
): readonly string[] {
  const unseen = unseenIn(node);
  if (missing.length === 0 && doubtful.length === 0) return unseen;
  return [...missing.map((metric) => missingText(metric, node)), ...doubtful, ...unseen];
}
