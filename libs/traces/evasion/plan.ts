import { Random } from '../simulate/random.ts';
import { NIGHT_FROM, type Span } from './techniques.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export interface SampleOptions {
  /** Minutes simulated at the start without a pause, where most is found. */
  readonly firstMinutes: number;
  /** Minutes simulated of every `everyHours`. */
  readonly minutes: number;
  readonly everyHours: number;
}

export const SAMPLED: SampleOptions = { firstMinutes: 24, minutes: 5, everyHours: 8 };

/**
 * The parts of a span that are simulated, second by second, in order and apart: the rest of the span is taken to be
 * like them. Each is at a random whole minute of its stretch, so that no cycle keeps step with them; but for one, just
 * after work that is hidden by night has begun: the shortest night would else slip through.
 */
export function samplesOf(span: Span, options: SampleOptions, seed: number): Span[] {
  const { firstMinutes, minutes, everyHours } = options;
  const random = new Random(seed);
  const samples = [{ fromMs: span.fromMs, toMs: span.fromMs + firstMinutes * MINUTE_MS }];
  const stretchMs = everyHours * HOUR_MS;
  const free = everyHours * 60 - minutes - 2;
  const nightMs = span.fromMs + NIGHT_FROM * HOUR_MS + MINUTE_MS;
  for (let fromMs = span.fromMs + HOUR_MS; fromMs + stretchMs <= span.toMs; fromMs += stretchMs) {
    const drawn = fromMs + MINUTE_MS * Math.floor(free * random.uniform());
    const at = nightMs > fromMs && nightMs <= fromMs + free * MINUTE_MS ? nightMs : drawn;
    samples.push({ fromMs: at, toMs: at + minutes * MINUTE_MS });
  }
  return samples;
}
