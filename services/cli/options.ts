import { InvalidArgumentError } from 'commander';

/** Readers of a command's options: each returns the value, or says what was expected. */
type Reader = (text: string) => number;

export function wholeNumber(min: number, max: number): Reader {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number ${min}..${max}`);
  };
}

export function decimal(min: number, max: number): Reader {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a number ${min}..${max}`);
  };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** `90s`, `5m` or `1h`, in seconds. */
export function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const seconds = Number(number) * (SECONDS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('expected a duration such as 90s, 5m or 1h');
}
