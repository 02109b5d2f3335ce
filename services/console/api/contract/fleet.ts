/** The board, the overview, and what is told live. */
import { z } from 'zod';
import { ALERT_STATES } from '#libs/model/alert.ts';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { CONFORMITIES } from '#libs/model/behaviour.ts';
import { FINDING_KINDS, SEVERITIES } from '#libs/model/finding.ts';
import { behaviour, count, grade, name, timeMs } from './values.ts';

export const SPANS = {
  hour: { cells: 60, cellMs: 60_000 },
  day: { cells: 96, cellMs: 900_000 },
  week: { cells: 84, cellMs: 7_200_000 },
} as const;
export const boardQuery = z.object({ span: z.enum(['hour', 'day', 'week']).default('day') });
/**
 * Strips have a character a cell, oldest first: the place of the value in the model's list in base 36 (behaviour,
 * conformity, grade), `.` for no verdict. Of several verdicts in a cell the gravest conformity and grade, and the
 * behaviour that held longest.
 */
export const boardRow = z.object({
  node: name,
  site: name,
  tenant: name.nullable(),
  hardware: z.string().nullable(),
  simulated: z.boolean(),
  heartbeat: z.enum(HEARTBEATS).nullable(),
  /** End of the newest window in which it was heard. */
  lastMs: timeMs.nullable(),
  /** Highest of its open findings. */
  severity: z.enum(SEVERITIES).nullable(),
  /** Its newest verdict, however old: behaviour, conformity and grade as in the strips; `...` for none. */
  now: z.string().length(3),
  behaviours: z.string(),
  conformities: z.string(),
  grades: z.string(),
});
/** `toMs`: the end of the newest cell in event time. */
export const board = z.object({ toMs: timeMs, cellMs: z.int(), cells: z.int(), rows: z.array(boardRow) });
/** `timeMs`: the present in event time. `alerts`: those that are not resolved. */
export const overview = z.object({
  timeMs,
  nodes: count,
  heartbeats: z.partialRecord(z.enum(HEARTBEATS), count),
  conformities: z.partialRecord(z.enum(CONFORMITIES), count),
  grades: z.partialRecord(grade, count),
  behaviours: z.partialRecord(behaviour, count),
  alerts: z.partialRecord(z.enum(ALERT_STATES), count),
  findings: z.partialRecord(z.enum(FINDING_KINDS), count),
});
/** Messages of `GET /api/live` (server-sent events): the event's name and its data. */
export const liveVerdicts = z.array(
  z.object({
    node: name,
    windowEndMs: timeMs,
    behaviour,
    conformity: z.enum(CONFORMITIES),
    grade,
    heartbeat: z.enum(HEARTBEATS),
  }),
);

export type Span = keyof typeof SPANS;
export type BoardView = z.infer<typeof board>;
export type BoardRow = z.infer<typeof boardRow>;
export type OverviewView = z.infer<typeof overview>;
export type LiveVerdict = z.infer<typeof liveVerdicts>[number];
