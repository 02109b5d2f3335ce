import { clockTime } from '../format.ts';

const HOUR_MS = 3_600_000;
const STEPS_MS = [10 * 60_000, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });

interface Props {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Hours, or days, over the strips. Whoever cannot see it reads the times with every cell. */
export function TimeAxis({ fromMs, toMs }: Props) {
  const spanMs = toMs - fromMs;
  const stepMs = STEPS_MS.find((step) => spanMs / step <= 8) ?? 24 * HOUR_MS;
  const zoneMs = new Date(toMs).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  // A label so near the end would be cut off.
  const lastMs = toMs - 0.08 * spanMs;
  for (let ms = Math.ceil((fromMs - zoneMs) / stepMs) * stepMs + zoneMs; ms < lastMs; ms += stepMs)
    ticks.push(ms);
  return (
    <span class="axis" aria-hidden="true">
      {ticks.map((ms) => (
        <i key={ms} style={{ left: `${(100 * (ms - fromMs)) / spanMs}%` }}>
          {stepMs >= 24 * HOUR_MS ? weekday.format(ms) : clockTime(ms)}
        </i>
      ))}
    </span>
  );
}
