import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, Delivered, Outgoing } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger, LossRow } from '#libs/ledger/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type Frame, SUMMARY_MS } from '#libs/model/frame.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import type { Measurement, Point, Series } from '#libs/series/port.ts';
import { openSqliteSeries } from '#libs/series/sqlite.ts';
import { createWriter, type WriterPorts } from '#services/writer/app.ts';
import type { WriterSettings } from '#services/writer/config.ts';
import { eventually } from '#test/support/eventually.ts';
import { SimulatedNode } from '#test/support/fleet.ts';

export const T0 = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

const SETTINGS: WriterSettings = {
  resolution: 'full',
  writerFlushPoints: 5_000,
  writerFlushMs: 5,
  writerBackfillHours: 24,
  writerResolutionPollMs: 20,
  assessmentRetentionDays: 90,
};

/** The embedded ports in a folder of their own, and writers on them. */
export interface Workshop extends AsyncDisposable {
  readonly dataDir: string;
  readonly bus: Bus;
  readonly series: Series;
  readonly ledger: Ledger;
}

export async function openWorkshop(): Promise<Workshop> {
  const stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-writer-'));
  stack.defer(() => rm(dataDir, { recursive: true }));
  const bus = stack.adopt(createSqliteBus({ path: join(dataDir, 'bus.db'), partitions: 3 }), (it) =>
    it.close(),
  );
  const series = stack.adopt(openSqliteSeries(join(dataDir, 'series.db'), { retentionDays: 90 }), (it) =>
    it.close(),
  );
  const ledger = stack.adopt(openLedger({ dataDir, ledger: 'embedded' }), (it) => it.close());
  await ledger.migrate();
  await bus.ensure([TOPICS.frames, TOPICS.observations, TOPICS.resolution, TOPICS.dead]);
  return { dataDir, bus, series, ledger, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A writer that runs until disposed, and its counters. */
export async function runWriter(ports: WriterPorts, settings: Partial<WriterSettings> = {}) {
  const counters = createCounters();
  const log = createLogger('writer', 'silent');
  const app = createWriter(ports, { ...SETTINGS, ...settings }, { counters, log });
  await app.start();
  return { app, counters, [Symbol.asyncDispose]: () => app.stop() };
}

/** Until the group has committed all that is in the topics of frames and observations. */
export async function allCommitted(bus: Bus, deadlineMs = 8_000): Promise<void> {
  const open = async () => {
    const topics = [TOPICS.frames.name, TOPICS.observations.name];
    const offsets = (await Promise.all(topics.map((topic) => bus.offsets(topic, 'writer')))).flat();
    return offsets.filter(({ next, committed }) => next > 0 && committed !== next);
  };
  await eventually('everything is committed', open, (left) => left.length === 0, deadlineMs, 10);
}

/** The frames of some simulated nodes, ten seconds apart from `T0`. */
export function fleetFrames(nodes: readonly string[], frames: number, gpus = 0): readonly Outgoing[] {
  const fleet = nodes.map(
    (node, seed) => new SimulatedNode({ node, site: 'site', gpus, busyFromMs: null, seed }),
  );
  return Array.from({ length: frames }, (_, i) =>
    fleet.map((it) => it.message(T0 + (i + 1) * 10_000)),
  ).flat();
}

export function summaryMessage(frame: Frame, covers: Frame['covers']): Outgoing {
  const value = encodeFrame({ ...frame, intervalMs: SUMMARY_MS, covers, flows: [], groups: [] });
  return { topic: TOPICS.observations.name, key: frame.site, value, headers: { type: 'summary' } };
}

export const anAssessment = (given: Partial<Assessment> = {}): Assessment => {
  const windowEndMs = given.windowEndMs ?? T0 + 60_000;
  return {
    node: 'a',
    site: 'site',
    tenant: null,
    windowStartMs: windowEndMs - SUMMARY_MS,
    windowEndMs,
    revision: `r${windowEndMs}`,
    detector: 'test 1',
    declaration: null,
    behaviours: { B1: 0.9, B0: 0.1 },
    conformity: 'conforms',
    grade: 'C',
    heartbeat: 'present',
    coverageRatio: 1,
    reasons: [],
    counterReasons: [],
    onset: null,
    unseen: ['the GPU'],
    ...given,
  };
};

export function assessmentMessage(assessment: Assessment): Outgoing {
  const value = Buffer.from(JSON.stringify(assessment));
  return { topic: TOPICS.observations.name, key: assessment.site, value, headers: { type: 'assessment' } };
}

export async function stored(
  series: Series,
  measurement: Measurement,
  node: string,
  fields: readonly string[],
): Promise<readonly Point[]> {
  return series.read({ measurement, scopes: [{ node, fromMs: T0 - 1, toMs: T0 + 86_400_000 }], fields });
}

export async function deadRecords(bus: Bus): Promise<readonly Delivered[]> {
  const found: Delivered[] = [];
  await bus.replay(TOPICS.dead.name, {}, async ({ records }) => void found.push(...records));
  return found;
}

/** Every frame sent is accounted for, and none is in flight. */
export function isBalanced(rows: readonly LossRow[]): boolean {
  return rows.every(
    ({ sent, stored, dead, dropped, inFlight }) => inFlight === 0 && sent === stored + dead + dropped,
  );
}

export const header = (record: Delivered, name: string): string =>
  Buffer.from(record.headers[name] ?? []).toString('utf8');
