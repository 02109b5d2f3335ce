import type { Ground } from '#libs/model/assessment.ts';
import type { Behaviour, Conformity } from '#libs/model/behaviour.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { changesIn } from './changes.ts';
import type { EvidenceTables } from './evidence/model.ts';
import { type NodeEvidence, nodeEvidence } from './evidence/node-evidence.ts';
import { Scorer } from './evidence/score.ts';
import { isMeasured } from './explained/separation.ts';
import { HOST_UNSEEN, hostEvidence } from './host-evidence/host-evidence.ts';
import { keptWhenCheap } from './layout.ts';
import type { NodeTable } from './node-table.ts';
import { fixedMean, type NodeWindow } from './node-window.ts';
import type { DetectParameters } from './parameters.ts';
import { type EnvelopeResult, envelope } from './rules/envelope.ts';
import { isIdle } from './rules/idle.ts';
import type { OwnPastResult } from './rules/own-past.ts';
import { doubtfulSensors } from './rules/sensors.ts';
import type { Shown } from './shares/parts.ts';
import { hourShares, NO_SHARES } from './shares/shares.ts';
import { round } from './spread.ts';
import { clockGrounds, cloneGrounds, doubts, gradeOf } from './trust.ts';
import { lookAlikes, unseenIn } from './unseen.ts';
import { against, type Draft, head, type Subject } from './verdict.ts';

const NOTHING_DECLARED: ReadonlySet<Behaviour> = new Set();
const NO_ENVELOPE: EnvelopeResult = { grounds: [], worst: null, missing: [] };

/** What windows are judged by. */
export interface Judgement {
  readonly parameters: DetectParameters;
  /** Of GPUs, and of hosts without busy GPUs. */
  readonly gpuScorer: Scorer;
  readonly hostScorer: Scorer;
}

export function judgementOf(
  parameters: DetectParameters,
  model: EvidenceTables,
  hostModel: EvidenceTables,
): Judgement {
  const gpuScorer = new Scorer(model, parameters);
  return { parameters, gpuScorer, hostScorer: new Scorer(hostModel, parameters) };
}

/** A window as it came in. */
export interface GatheredWindow {
  readonly node: NodeWindow;
  /** Frames that arrived of those expected, 0–1. */
  readonly coverageRatio: number;
  /** Flags of `TRUST`. */
  readonly trust: number;
  /** Whether it counts for the node's shares: the first verdict over the whole window. */
  readonly counts: boolean;
}

/** The verdict over one closed window of a node that reports. */
export function assess(
  subject: Subject,
  table: NodeTable,
  { node, coverageRatio, trust, counts }: GatheredWindow,
  { parameters, gpuScorer, hostScorer }: Judgement,
): Draft {
  const { declaration } = subject;
  const doubtful = doubtfulSensors(node, parameters);
  const idle = doubtful.length === 0 && isIdle(node, parameters);
  const covered = coverageRatio >= parameters.minCoverageRatio;
  const bounds = covered ? boundsOf(node, declaration, idle, parameters) : NO_ENVELOPE;
  const weighed = !idle && covered;
  const evidence = weighed ? nodeEvidence(node, gpuScorer, declaredOf(declaration)) : null;
  const speaking = speakingOf(evidence, parameters);
  const sure = weighed && doubtful.length === 0;
  const alone = sure ? hostEvidence(node, hostScorer, declaredOf(declaration), parameters) : null;
  const behaviours = alone?.behaviours ?? behavioursOf(node, idle, evidence, parameters);
  const shown = covered ? shownIn(node, idle, evidence, parameters) : null;
  const { shares, grounds: shared } = counts
    ? hourShares(table, node, subject, shown, declaration && declaredOf(declaration), gpuScorer, parameters)
    : NO_SHARES;
  const changes = changesIn(table, node, bounds.worst, idle, parameters);
  const reasons = [
    ...bounds.grounds,
    ...speaking,
    ...changes.grounds,
    ...shared,
    ...cloneGrounds(trust, parameters.weightCap),
    ...clockGrounds(trust, parameters),
  ];
  const deviates = bounds.grounds.length > 0 || speaking.length > 0;
  const blind = !covered || bounds.missing.length > 0 || doubtful.length > 0 || alone?.open === true;
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
      ...counters(reasons, bounds, changes.past, idle, trust),
    ],
    ...(shares ? { shares } : {}),
    onset: changes.onset,
    unseen: [
      ...lookAlikes(node, evidence, isMeasured(gpuScorer.tables, parameters)),
      ...unseenWith(node, bounds.missing, doubtful, alone !== null),
    ],
  };
}

function declaredOf(declaration: Declaration | null): ReadonlySet<Behaviour> {
  return declaration === null ? NOTHING_DECLARED : new Set(declaration.behaviours);
}

function boundsOf(
  node: NodeWindow,
  declaration: Declaration | null,
  idle: boolean,
  parameters: DetectParameters,
): EnvelopeResult {
  return declaration === null ? NO_ENVELOPE : envelope(node, declaration, idle, parameters);
}

/** Grounds of evidence that flags the window. */
function speakingOf(evidence: NodeEvidence | null, { flagLogOdds }: DetectParameters): readonly Ground[] {
  return evidence !== null && evidence.logOdds >= flagLogOdds ? evidence.grounds : [];
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
  alone: boolean,
): readonly string[] {
  const unseen = alone ? [HOST_UNSEEN, ...unseenIn(node)] : unseenIn(node);
  if (missing.length === 0 && doubtful.length === 0) return unseen;
  return [...missing.map((metric) => missingText(metric, node)), ...doubtful, ...unseen];
}
