import { Random } from '../random.ts';

/** What a meter's load really is, in the words of the trace format; an ASIC is in none of the recorded traces. */
export type MeterLabel = 'ordinary' | 'pow_hash_gpu' | 'pow_hash_asic' | 'validator_p2p' | 'ai_inference';

/** @param minuteMs begin of a minute, local time as if it were UTC, Unix ms; asked in order. @returns mean over the minute, kW */
export type Draw = (minuteMs: number) => number;

/** What hangs behind a meter, or a part of it. What it draws depends on the seed and the time alone. */
export interface MeterLoad {
  /** In lower case with hyphens. */
  readonly name: string;
  readonly label: MeterLabel;
  start(random: Random): Draw;
}

/** Behind one meter: the first load with others beside it. The label is that of the first that is not ordinary. */
export function together(first: MeterLoad, ...others: readonly MeterLoad[]): MeterLoad {
  const all = [first, ...others];
  return {
    name: all.map(({ name }) => name).join('+'),
    label: all.find(({ label }) => label !== 'ordinary')?.label ?? 'ordinary',
    start: (random) => {
      const draws = all.map((load) => load.start(random.fork()));
      return (minuteMs) => draws.reduce((sum, draw) => sum + draw(minuteMs), 0);
    },
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** 1970 began with a Thursday. */
export function isWeekend(timeMs: number): boolean {
  return [2, 3].includes(Math.floor(timeMs / DAY_MS) % 7);
}

/** 0 to below 24. */
export function hourAt(timeMs: number): number {
  return (timeMs % DAY_MS) / HOUR_MS;
}

/** From one hour to another, over midnight where the first is later. */
export function isWithin(hour: number, from: number, to: number): boolean {
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}

/** One interval of a meter. */
export interface MeterRow {
  /** Begin of the interval, local time as if it were UTC, Unix ms. */
  readonly fromMs: number;
  readonly intervalKwh: number;
}

export interface MeterSpan {
  readonly fromMs: number;
  readonly days: number;
  /** Of a meter's interval: 15, 30 or 60. */
  readonly minutes: number;
  readonly seed: number;
}

/** The meter's intervals in order; energy to the watt-hour, as meters count it. The same seed gives the same. */
export function meterRows(load: MeterLoad, { fromMs, days, minutes, seed }: MeterSpan): MeterRow[] {
  const draw = load.start(new Random(seed));
  return Array.from({ length: (days * DAY_MS) / (minutes * MINUTE_MS) }, (_, interval) => {
    const beginMs = fromMs + interval * minutes * MINUTE_MS;
    let kwh = 0;
    for (let minute = 0; minute < minutes; minute++) kwh += draw(beginMs + minute * MINUTE_MS) / 60;
    return { fromMs: beginMs, intervalKwh: Math.round(kwh * 1000) / 1000 };
  });
}

/** One meter of a trace. */
export interface TracedMeter {
  readonly meter: string;
  readonly label: MeterLabel;
  readonly rows: readonly MeterRow[];
}

/** A file of the trace format's kind `meter`, meter after meter. */
export function meterCsv(meters: readonly TracedMeter[]): string {
  const lines = meters.flatMap(({ meter, label, rows }) =>
    rows.map(({ fromMs, intervalKwh }) => {
      const time = new Date(fromMs).toISOString().slice(0, 19).replace('T', ' ');
      return `${time},${meter},${intervalKwh},${label}`;
    }),
  );
  return `${['time,meter,interval_kwh,behaviour', ...lines].join('\n')}\n`;
}
