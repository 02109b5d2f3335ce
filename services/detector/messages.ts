import { z } from 'zod';
import type { Delivered } from '#libs/bus/port.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Reading } from '#libs/model/reading.ts';
import type { Tick } from '#libs/model/tick.ts';

/** What is looked at before a message is believed; the rest of it is carried on as it is. */
const tick = z.object({ index: z.number().int(), timeMs: z.number() });
const reading = z.looseObject({
  site: z.string(),
  node: z.string().nullable(),
  endMs: z.number(),
  powerWatts: z.number().nullable(),
});
const ground = z.looseObject({ rule: z.string() });
const assessment = z.looseObject({
  node: z.string(),
  site: z.string(),
  windowEndMs: z.number(),
  revision: z.string(),
  heartbeat: z.enum(['present', 'missed', 'blind']),
  reasons: z.array(ground),
});

/** @returns null for a value that is no tick. */
export function readTick(record: Delivered): Tick | null {
  return read(record, tick);
}

/** @returns null for a value that is no reading. */
export function readReading(record: Delivered): Reading | null {
  return read(record, reading) as Reading | null;
}

/** @returns null for a value that is no assessment. */
export function readAssessment(record: Delivered): Assessment | null {
  return read(record, assessment) as Assessment | null;
}

function read<T>({ value }: Delivered, schema: z.ZodType<T>): T | null {
  const parsed = schema.safeParse(parseJson(value));
  return parsed.success ? parsed.data : null;
}

/** Undefined for bytes that are not JSON: no schema accepts it. */
function parseJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
