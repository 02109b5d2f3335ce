/** How numbers, times and spans are written on every page. Times are Unix ms, shown in the reader's own zone. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dated = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);
export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
/** With a decimal, and never 100 % of what is not all of it. */
export const share = (ratio: number): string => `${Math.floor(ratio * 1000) / 10} %`;
/** How far a share may be off, in points: `± 2` where that is the same on both sides, else both ends. */
export function bounds({ share, low, high }: Record<'share' | 'low' | 'high', number>): string {
  const [below, above] = [share - low, high - share].map((distance) => Math.round(distance * 100));
  return below === above ? `± ${above}` : `(${Math.round(low * 100)} to ${percent(high)})`;
}
export const clockTime = (ms: number): string => clock.format(ms);
/** With seconds and zone: for titles. */
export const fullTime = (ms: number): string => full.format(ms);
/** `3 Nov`, and in another year than now `3 Nov 2025`. */
export function dayOf(ms: number, nowMs: number): string {
  const thisYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return (thisYear ? day : dated).format(ms);
}

const sameDay = (a: number, b: number): boolean => dated.format(a) === dated.format(b);

/** `14:05` today, else `3 Nov, 14:05`, and in another year `3 Nov 2025, 14:05`. */
export function shortTime(ms: number, nowMs: number): string {
  return sameDay(ms, nowMs) ? clock.format(ms) : `${dayOf(ms, nowMs)}, ${clock.format(ms)}`;
}

/** The same with seconds. */
const exactTime = (ms: number, nowMs: number): string =>
  sameDay(ms, nowMs) ? exact.format(ms) : `${dayOf(ms, nowMs)}, ${exact.format(ms)}`;

/** Both ends of a time: with the day on both where it differs, and with seconds within one minute. */
export function endsOf(fromMs: number, toMs: number, nowMs: number): readonly [from: string, to: string] {
  const withDay = !sameDay(fromMs, toMs);
  const write = (ms: number) => (withDay ? `${dayOf(ms, nowMs)}, ${clock.format(ms)}` : shortTime(ms, nowMs));
  const [from, to] = [write(fromMs), write(toMs)];
  return from === to && fromMs !== toMs ? [exactTime(fromMs, nowMs), exactTime(toMs, nowMs)] : [from, to];
}

/** `3 Nov, 23:50 to 4 Nov, 00:10`. */
export function range(fromMs: number, toMs: number, nowMs: number): string {
  return endsOf(fromMs, toMs, nowMs).join(' to ');
}

/** The reader's zone as it is at this time: `UTC`, `CET`, `GMT+2`. */
export function zoneAt(ms: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(ms);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z/g;

/** A text of the detector with its instants, which are UTC, in the reader's zone like all others. */
export function inLocalTime(text: string, nowMs: number): string {
  return text.replace(INSTANT, (instant, seconds?: string) => {
    const ms = Date.parse(instant);
    return (seconds === undefined ? shortTime : exactTime)(ms, nowMs);
  });
}

/** A length of time in its largest fitting unit: `40 s`, `12 min`, `5 h`, `3 d`. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < MINUTE_MS) return `${Math.round(length / 1000)} s`;
  if (length < 2 * HOUR_MS) return `${Math.round(length / MINUTE_MS)} min`;
  if (length < 2 * DAY_MS) return `${Math.round(length / HOUR_MS)} h`;
  return `${Math.round(length / DAY_MS)} d`;
}

/** `now`, `12 min ago`, `in 3 h`. */
export function ago(ms: number, nowMs: number): string {
  const since = nowMs - ms;
  if (Math.abs(since) < 15_000) return 'now';
  return since > 0 ? `${span(since)} ago` : `in ${span(since)}`;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

/**
 * A value of the catalogue in its unit (UCUM): `83 %`, `7.9 kW`, `1.2 MB/s`.
 * @param more digits than usual
 */
export function inUnit(value: number, unit: string, more = 0): string {
  if (unit === '1') return `${short(value * 100, more)} %`;
  if (unit === 'Cel') return `${short(value, more)} °C`;
  const name = UNIT_NAMES[unit] ?? (unit.startsWith('{') ? '' : unit);
  if (name === '' && Math.abs(value) < 100_000) return short(value, more);
  let scaled = value;
  let prefix = 0;
  while (Math.abs(scaled) >= 1000 && prefix < PREFIXES.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  return `${short(scaled, more)} ${PREFIXES[prefix]}${name}`.trim();
}

const MOST_DIGITS = 4;

/** Values of a scale, each with as many digits as tell them apart: `349.5 W`, `350 W`. */
export function scaleInUnit(values: readonly number[], unit: string): readonly string[] {
  const differ = new Set(values).size;
  for (let more = 0; ; more++) {
    const labels = values.map((value) => inUnit(value, unit, more));
    if (more === MOST_DIGITS || new Set(labels).size === differ) return labels;
  }
}

const UNIT_NAMES: Readonly<Record<string, string>> = { By: 'B', 'By/s': 'B/s' };

function short(value: number, more: number): string {
  const size = Math.abs(value);
  const digits = more + (size >= 100 ? 0 : size >= 10 ? 1 : 2);
  if (digits === 0 || Number.isInteger(value)) return whole.format(value);
  return value.toFixed(digits).replace(/\.?0+$/, '');
}

/** `gpu_power_watts` → `GPU power`: without the unit, which stands beside the value. */
export function metricName(name: string): string {
  const words = name
    .replace(/_(ratio|watts|bytes_per_second|bytes|celsius|hertz|joules_total|total)$/, '')
    .replaceAll('_', ' ')
    .replace(/\b(gpu|cpu|tcp|sm|dram|nvlink|pcie|io)\b/g, inCapitals);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const CAPITALS: Readonly<Record<string, string>> = { nvlink: 'NVLink', pcie: 'PCIe' };
const inCapitals = (word: string): string => CAPITALS[word] ?? word.toUpperCase();

/** Begins as a sentence does: `gpu power of gpu3 …` → `GPU power of gpu3 …`. */
export function sentence(text: string): string {
  const begun = text.replace(/^(gpu|cpu|nvlink|pcie)(?= )/, inCapitals);
  return begun.charAt(0).toUpperCase() + begun.slice(1);
}
